"""Sends to several outputs at once: loopback device and PipeWire, or camera and file.

Each output has its own thread, so that the others lose no frame if one is lost, slow or being
opened again, which may take seconds with PipeWire.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from segcam.errors import SegCamError, SinkLost
from segcam.frame import Frame, Size
from segcam.sink.base import Output, Sink
from segcam.worker import JOIN_S, Worker

log = logging.getLogger(__name__)

LONGEST_BACKOFF_S = 3.0
"""Longest interval of retries for a missing camera."""
LOOK_S = 1 / 30
"""Without frames, a sink is still polled for viewers at this interval, so that a program that opens
the camera sees a placeholder at once."""
REST_S = 1.0
"""The same for an output that notifies."""


class Feed:
    """A worker's stage: sends the newest frame to one of the sinks.

    A camera that fails is closed and opened again until it works. A file that fails is given up,
    since opening it again would overwrite its content.

    Args:
        sink: Owned.
        size: (H, W) that it is opened for.
        rate_hz: The same.
    """

    def __init__(self, sink: Sink, size: Size, rate_hz: Fraction) -> None:
        self.sink = sink
        self.in_use = self.ending = False
        self.used_otherwise: Callable[[], object] = bool
        """Called on the worker's thread when `in_use` has changed."""
        self._size, self._rate_hz = size, rate_hz
        self._look_s = LOOK_S
        self._changed = threading.Condition()
        self._is_open = self._has_next = self._told = False
        self._taken = self._gone = 0
        self._next, self._current = Frame.empty((2, 2)), Frame.empty((2, 2))

    def put(self, frame: Frame) -> None:
        """Take a copy of ``frame``, replacing one that has not been sent yet."""
        if frame.is_placeholder and not self.sink.is_camera:
            return
        with self._changed:
            if self._is_open:
                self._next.copy_from(frame)
                self._has_next = True
                self._taken += 1
                self._changed.notify_all()

    def settle(self, timeout_s: float | None) -> bool:
        """Wait until all frames so far were sent, replaced or lost. False: it hangs."""
        with self._changed:
            taken = self._taken
            return self._changed.wait_for(lambda: self._gone >= taken, timeout_s)

    def open(self) -> None:
        """See `Stage.open`."""
        self.sink.open(self._size, self._rate_hz)
        self._look_s = REST_S if self.sink.notify(self.interrupt) else LOOK_S
        self._use(self.sink.in_use())  # sending the first frame may be slow
        with self._changed:
            self._is_open = self._told = True

    def step(self) -> bool:
        """Send the newest frame, if there is one, and check for viewers."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_next or self._told, self._look_s)
            has_next, taken = self._has_next, self._taken
            self._has_next = self._told = False
            if has_next:
                self._next, self._current = self._current, self._next
        if has_next:
            self.sink.send(self._current)
            self._let_go(taken)
        self._use(self.sink.in_use())
        return True

    def close(self) -> None:
        """See `Stage.close`."""
        with self._changed:
            self._is_open = self._has_next = False  # it would be too old after a restart
            self._let_go(self._taken)
        self._use(False)
        self.sink.close()

    def recovers_from(self, error: SegCamError) -> bool:
        """Whether it is a camera; see `Stage.recovers_from`."""
        if not self.sink.is_camera and not self.ending:
            log.warning("%s failed; the other outputs continue. %s", self.sink.name, error)
        return self.sink.is_camera

    def interrupt(self) -> None:
        """End the wait for a frame. From any thread."""
        with self._changed:
            self._told = True
            self._changed.notify_all()

    def _use(self, in_use: bool) -> None:
        changed, self.in_use = in_use != self.in_use, in_use
        if changed:
            self.used_otherwise()

    def _let_go(self, taken: int) -> None:
        with self._changed:
            self._gone = taken
            self._changed.notify_all()


class Several(Sink):
    """Sinks that get the same frames at the same time. See the Sink protocol.

    Only cameras get placeholders, never a file among them: see `Frame.is_placeholder`.

    Args:
        sinks: At least one. Owned.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.is_camera = any(sink.is_camera for sink in sinks)
        self.name = _names(sinks)
        self._sinks = sinks
        self._is_open = False
        self._feeds: list[Feed] = []
        self._workers: list[Worker] = []

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Open all sinks that work; cameras that fail are tried again later.

        Raises:
            SinkError: None could be opened: the first camera's error, or else the first error.
        """
        self.close()
        self._feeds = [Feed(sink, size, rate_hz) for sink in self._sinks]
        self._workers = [_worker_of(feed) for feed in self._feeds]
        self._is_open = True
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            with suppress(SegCamError):  # reported only if all sinks fail
                worker.wait_tried()
        error = self._trouble_of_all()
        if error is not None:
            self._end()
            raise error
        self.name = _names(self._sinks)

    def send(self, frame: Frame) -> None:
        """Give each sink a copy.

        Raises:
            SinkLost: None of them takes frames any more.
        """
        self._check()
        for feed in self._feeds:
            feed.put(frame)

    def outputs(self, in_use: bool) -> list[Output]:  # noqa: ARG002 - each knows its own
        """See `Sink.outputs`."""
        if not self._feeds:
            return [each for sink in self._sinks for each in sink.outputs(False)]
        return [
            replace(each, trouble=worker.trouble)
            for feed, worker in zip(self._feeds, self._workers, strict=True)
            for each in feed.sink.outputs(feed.in_use)
        ]

    @property
    def unfinished(self) -> str:
        """See `Sink.unfinished`."""
        return ", ".join(sink.unfinished for sink in self._sinks if sink.unfinished)

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        for sink in self._sinks:
            sink.abandon()

    @property
    def lost(self) -> int:  # type: ignore[override]
        """Frames that none of them could pass on; see `Sink.lost`."""
        return min(sink.lost for sink in self._sinks)

    def settle(self, timeout_s: float) -> bool:
        """See `Sink.settle`."""
        deadline = time.monotonic() + timeout_s
        return all(feed.settle(max(0.0, deadline - time.monotonic())) for feed in self._feeds)

    def in_use(self) -> bool:
        """Whether any of them is in use.

        Raises:
            SinkLost: None of them takes frames any more.
        """
        self._check()
        return any(feed.in_use for feed in self._feeds)

    def notify(self, wake: Callable[[], object]) -> bool:
        """Their own threads poll them and notify; see `Sink.notify`."""
        for feed, worker in zip(self._feeds, self._workers, strict=True):
            feed.used_otherwise = worker.on_trouble = wake
        return True

    def viewers(self) -> list[str]:
        """Names of the programs that watch any of them."""
        return sorted({viewer for sink in self._sinks for viewer in sink.viewers()})

    def close(self) -> None:
        """Send waiting frames, then close all.

        Raises:
            SinkError: One of them could not be finished.
        """
        for error in self._end():
            raise error

    def _end(self) -> list[SegCamError]:
        """Close all; returns the errors of incomplete files."""
        was_open, self._is_open = self._is_open, False
        if not was_open:
            return []
        deadline = time.monotonic() + JOIN_S
        for feed in self._feeds:
            feed.settle(_left_s(feed, deadline))
            feed.ending = True
        for worker in self._workers:
            worker.stop()
        for feed, worker in zip(self._feeds, self._workers, strict=True):
            worker.join(_left_s(feed, deadline))
        return [worker.error for worker in self._workers if worker.error is not None]

    def _check(self) -> None:
        error = self._trouble_of_all()
        if error is not None:
            raise SinkLost(error.title, error.message, error.hint)

    def _trouble_of_all(self) -> SegCamError | None:
        """Why all are down, or None. A camera's error comes first, since it may recover."""
        parts = zip(self._feeds, self._workers, strict=True)
        troubles = [(feed.sink.is_camera, worker.trouble) for feed, worker in parts]
        if not troubles or any(trouble is None for _, trouble in troubles):
            return None
        return max(troubles, key=lambda each: each[0])[1]


def _left_s(feed: Feed, deadline: float) -> float | None:
    """Longest wait for its end; no limit for a file."""
    return max(0.0, deadline - time.monotonic()) if feed.sink.is_camera else None


def _worker_of(feed: Feed) -> Worker:
    """A worker for one output. Not started."""
    return Worker(feed.sink.name, feed, bool, longest_backoff_s=LONGEST_BACKOFF_S)


def _names(sinks: Sequence[Sink]) -> str:
    """Names of all outputs; a device's name is known after it was opened."""
    return ", ".join(sink.name for sink in sinks if sink.outputs(False))
