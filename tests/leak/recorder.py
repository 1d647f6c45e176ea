"""The client that records."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from fractions import Fraction

from leak.faults import Fault

from segcam.composite.placeholder import draw_placeholder
from segcam.frame import Frame, Size
from segcam.sink.base import Sink
from segcam.sink.net import Net


class Recorder(Sink):
    """The client: keeps every frame it gets, and when, behind a safety net like the cameras'."""

    name, is_camera = "client", True

    def __init__(self, fault: Fault | None = None) -> None:
        self._fault = fault
        self.frames: list[tuple[float, Frame]] = []
        self._got_frame = threading.Condition()
        self._placeholder = Frame.empty((2, 2))
        self._net = Net(self._show_placeholder)
        self._sending = threading.Lock()

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""
        self._placeholder = draw_placeholder(size, "Camera is off")
        self._net.start(rate_hz)
        self._net.watch(True)

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        with self._sending:
            self._net.feed()
            self._keep(frame)
            if self._fault is not None and self._fault.on:
                self._fault.act(self._fault)

    def _show_placeholder(self) -> None:
        with self._sending:
            if self._net.due:
                self._keep(self._placeholder)

    def _keep(self, frame: Frame) -> None:
        copy = Frame.empty(frame.size)
        copy.copy_from(frame)
        with self._got_frame:
            self.frames.append((time.monotonic(), copy))
            self._got_frame.notify_all()

    def in_use(self) -> bool:
        """See `Sink.in_use`."""
        return True

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return []

    def close(self) -> None:
        """See `Sink.close`."""
        self._net.stop()

    def wait_for(self, wanted: Callable[[Frame], bool], since_s: float, limit_s: float) -> bool:
        """Wait for a ``wanted`` frame that came after ``since_s``."""
        with self._got_frame:
            return self._got_frame.wait_for(
                lambda: any(
                    wanted(frame) for at_s, frame in reversed(self.frames) if at_s >= since_s
                ),
                limit_s,
            )
