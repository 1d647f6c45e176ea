"""SegCam's camera as a PipeWire node: no kernel module, no root.

Programs that look for cameras through the desktop's portal see a Video/Source with the role Camera.
Frames are passed in shared memory; each is packed into it once.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Condition

from segcam.errors import DeviceMissing, MissingDependency, SinkLost
from segcam.fit import contain
from segcam.frame import BLACK, Frame, Size
from segcam.sink import libpipewire as pw
from segcam.sink import spa
from segcam.sink.base import Sink
from segcam.sink.buffers import Buffers, fill
from segcam.sink.links import Links, Properties
from segcam.sink.net import Net
from segcam.sink.registry import Registry
from segcam.v4l2.nodes import OWN_LABEL

_CONNECT_S = 5.0
STUCK_S = 5.0
"""If no buffer is free for this long, the stream is opened again. Never seen in practice: even a
suspended camera gets new buffers within this time."""


def node_name(camera_name: str) -> str:
    """The permanent name by which programs and commands find a camera's node."""
    return re.sub(r"\W+", "-", camera_name.casefold()).strip("-") or "segcam"


def _properties(camera_name: str) -> str:
    """Browsers list only nodes with this class and role; they show the description."""
    shown = json.dumps(camera_name, ensure_ascii=False)
    return (
        "{ media.type = Video media.category = Capture media.role = Camera"
        f' media.class = Video/Source node.name = "{node_name(camera_name)}" node.nick = {shown}'
        f" node.description = {shown} node.virtual = true }}"
    )


def pipewire_runs() -> bool:
    """Whether PipeWire's library and socket exist, so that it can publish a camera."""
    try:
        pw.load()
    except MissingDependency:
        return False
    return _has_socket()


def _has_socket() -> bool:
    folder = os.environ.get("PIPEWIRE_RUNTIME_DIR") or os.environ.get("XDG_RUNTIME_DIR")
    if not folder:
        return False
    try:
        return Path(folder, os.environ.get("PIPEWIRE_REMOTE", "pipewire-0")).is_socket()
    except OSError:  # the session of another user, as after "su"
        return False


class PipeWireSink(Sink):
    """A PipeWire camera. See the Sink protocol.

    The node exists from ``open`` to ``close``, with or without viewers: a browser's track ends with
    it.

    Args:
        placeholder: Shown while nothing is sent, any size; None: black. Borrowed.
        camera_name: Its name in programs.
    """

    is_camera = True

    def __init__(self, placeholder: Frame | None = None, camera_name: str = OWN_LABEL) -> None:
        self.name = "PipeWire"
        self.camera_name = camera_name
        self._placeholder = placeholder or Frame.filled((2, 2), BLACK)
        self._net = Net(self._show_placeholder)
        self._scaled, self._stand_in = Frame.empty((2, 2)), Frame.empty((2, 2))
        self._loop: int | None = None
        self._stream: int | None = None
        self._state, self._reason = pw.UNCONNECTED, ""
        self._changed = Condition()
        self._wake: Callable[[], object] = bool
        self._node = 0
        self._registry: Registry | None = None
        self._links = Links()
        self._sent = 0
        self._went_out_s = 0.0
        self._buffers = Buffers()
        self._events = pw.Events(
            version=pw.EVENTS_VERSION,
            state_changed=pw.StateChanged(self._on_state),
            param_changed=pw.ParamChanged(self._on_param),
            add_buffer=pw.BufferChanged(lambda _, buffer: self._buffers.add(buffer)),
            remove_buffer=pw.BufferChanged(lambda _, buffer: self._buffers.remove(buffer)),
        )

    @property
    def streaming(self) -> bool:
        """Whether a program takes frames right now. From any thread."""
        return self._state == pw.STREAMING

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Publish the node.

        Raises:
            MissingDependency: PipeWire's library is not installed.
            DeviceMissing: PipeWire is not running in this session.
        """
        self.close()
        self._library = pw.load()
        self._scaled.resize(size)
        self._stand_in.resize(size)
        contain(self._placeholder, self._stand_in)
        self._sent = 0
        self._loop = self._library.pw_thread_loop_new(b"segcam-pipewire", None)
        self._library.pw_thread_loop_start(self._loop)
        try:
            self._connect(rate_hz)
            self._wait_until_published()
            self._net.start(rate_hz)
        except BaseException:
            self.close()
            raise

    def _connect(self, rate_hz: Fraction) -> None:
        library = self._library
        self._state, self._reason = pw.CONNECTING, ""
        with self._locked():
            self._stream = library.pw_stream_new_simple(
                library.pw_thread_loop_get_loop(self._loop),
                self.camera_name.encode(),
                library.pw_properties_new_string(_properties(self.camera_name).encode()),
                ctypes.byref(self._events),
                None,
            )
            if not self._stream:
                raise _not_running("no connection")
            offer = pw.params(spa.yuyv_format(self._scaled.size, rate_hz))
            flags = pw.FLAG_DRIVER | pw.FLAG_MAP_BUFFERS
            result = library.pw_stream_connect(
                self._stream, pw.DIRECTION_OUTPUT, pw.ID_ANY, flags, offer, len(offer)
            )
            if result < 0:
                raise _not_running(f"error {-result}")
            self._links = Links()
            self._registry = Registry(library, self._stream, self._on_object, self._links.remove)

    def _on_object(self, number: int, kind: str, properties: Properties) -> None:
        self._links.add(number, kind, properties)
        for client in self._links.unknown_clients(self._node):
            assert self._registry is not None  # the registry calls this
            self._registry.ask(client)

    def _wait_until_published(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._state != pw.CONNECTING, _CONNECT_S)
            if self._state < pw.PAUSED:
                raise _not_running(self._reason or "no answer")
        with self._locked():
            self._node = self._library.pw_stream_get_node_id(self._stream)

    def _on_state(self, _: object, __: int, state: int, reason: bytes | None) -> None:
        with self._changed:
            self._state = state
            self._reason = reason.decode("utf-8", "replace") if reason else ""
            self._changed.notify_all()
        self._went_out_s = time.monotonic()
        if not self.streaming:
            self._buffers.nobody_reads()
        self._net.watch(self.streaming)
        self._wake()

    def _on_param(self, _: object, parameter: int, pod: int | None) -> None:
        """A program accepted the format: declare what its buffers must hold."""
        if parameter != spa.PARAM_FORMAT or not pod:
            return
        height, width = self._scaled.size
        needs = spa.buffers(2 * height * width, 2 * width)
        answer = pw.params(needs, spa.header_meta())
        self._library.pw_stream_update_params(self._stream, answer, len(answer))

    def send(self, frame: Frame) -> None:
        """Hand over one frame; does nothing while nobody watches. Never blocks.

        Raises:
            SinkLost: PipeWire ended, or has taken no frame for `STUCK_S`.
        """
        self._check()
        if not self.streaming:
            return
        if frame.size != self._scaled.size:
            contain(frame, self._scaled)
            frame = self._scaled
        with self._locked():
            self._net.feed()
            self.lost += not self._queue(frame)
        if time.monotonic() - self._went_out_s > STUCK_S:
            raise SinkLost(
                "The PipeWire camera is stuck",
                f"PipeWire has returned no frame buffers for {STUCK_S:.0f} s",
                "SegCam opens it again; programs that were watching may have to select it again",
            )

    def _show_placeholder(self) -> None:
        """Called on the net's thread."""
        with self._locked():
            if self._net.due:
                self._queue(self._stand_in)

    def _queue(self, frame: Frame) -> bool:
        """False: PipeWire has not returned a single buffer."""
        buffer = self._buffers.take(partial(self._library.pw_stream_dequeue_buffer, self._stream))
        if buffer is None:
            return False
        fill(buffer, frame, self._sent)
        self._sent += 1
        self._library.pw_stream_queue_buffer(self._stream, buffer)
        self._buffers.sent(buffer)
        self._went_out_s = time.monotonic()
        if self._library.pw_stream_is_driving(self._stream):
            self._library.pw_stream_trigger_process(self._stream)
        return True

    def in_use(self) -> bool:
        """Whether a program takes frames right now; see `Sink.in_use`.

        Raises:
            SinkLost: PipeWire ended.
        """
        self._check()
        return self.streaming

    def notify(self, wake: Callable[[], object]) -> bool:
        """PipeWire notifies; see `Sink.notify`."""
        self._wake = wake
        return True

    def viewers(self) -> list[str]:
        """Names of the programs that take frames, from PipeWire; see `Sink.viewers`."""
        return self._links.viewers(self._node) if self.streaming else []

    def _check(self) -> None:
        # An error concerns one link, to a program that cannot be served; others still work.
        if self._stream is None or self._state == pw.UNCONNECTED:
            raise SinkLost("The PipeWire camera was lost", self._reason, "See: wpctl status")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Stops PipeWire's thread inside the context."""
        self._library.pw_thread_loop_lock(self._loop)
        try:
            yield
        finally:
            self._library.pw_thread_loop_unlock(self._loop)

    def close(self) -> None:
        """Remove the node. May be called twice."""
        if self._loop is None:
            return
        self._net.stop()
        if self._stream:
            with self._locked():
                self._library.pw_stream_destroy(self._stream)
        self._library.pw_thread_loop_stop(self._loop)
        self._library.pw_thread_loop_destroy(self._loop)
        self._loop = self._stream = self._registry = None
        self._state = pw.UNCONNECTED


def _not_running(reason: str) -> DeviceMissing:
    return DeviceMissing(
        "PipeWire is not running in this session",
        reason,
        "Use a v4l2loopback device, or run: systemctl --user start pipewire wireplumber",
    )
