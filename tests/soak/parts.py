"""A camera, a model and an output that fail and recover when they are told to."""

from __future__ import annotations

import threading
from fractions import Fraction

from segcam.errors import BackendFailed, CameraLost, CameraNotFound, DeviceMissing, SinkLost
from segcam.frame import F32, Frame, Size
from segcam.sink.base import Sink
from segcam.source.base import SourceInfo
from segcam.source.pattern import Pattern


class Camera:
    """The test pattern, until it is pulled out; it comes back in the size it is given then.

    Attributes:
        size: (H, W) from the next ``open`` on.
        away: Whether it is pulled out.
    """

    def __init__(self, size: Size, rate_hz: Fraction) -> None:
        self.size = size
        self.away = False
        self._rate_hz = rate_hz
        self._pattern = Pattern(size, rate_hz)

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        if self.away:
            raise CameraNotFound("It is not plugged in")
        self._pattern = Pattern(self.size, self._rate_hz)
        return self._pattern.open()

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        if self.away:
            raise CameraLost("It was pulled out")
        return self._pattern.read(out)

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pattern.interrupt()

    def close(self) -> None:
        """See `Source.close`."""
        self._pattern.close()


class Model:
    """Everything is person, or an inference fails.

    Attributes:
        failing: Whether they fail.
    """

    model = "soak"
    compiles = False
    matte_size: Size = (36, 64)

    def __init__(self) -> None:
        self.failing = False

    def open(self) -> None:
        """See `Segmenter.open`."""

    def segment(self, frame: Frame, out: F32) -> bool:
        """See `Segmenter.segment`."""
        if self.failing:
            raise BackendFailed("It was told to fail")
        out.fill(1.0)
        return frame.cut or frame.id % 3 == 0

    owes_look = False

    def look_around(self) -> None:
        """See `Segmenter.look_around`."""

    def close(self) -> None:
        """See `Segmenter.close`."""


class Output(Sink):
    """Counts what viewers see, and hands it on.

    Args:
        inner: Gets the same frames.

    Attributes:
        away: Whether the device is gone.
        viewed: Whether anybody watches.
        pictures: Frames that were no placeholders.
    """

    is_camera = True
    name = "counting"

    def __init__(self, inner: Sink) -> None:
        self.away = False
        self.viewed = True
        self.pictures = 0
        self._inner = inner
        self._changed = threading.Condition()

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""
        if self.away:
            raise DeviceMissing("It is not there")
        self._inner.open(size, rate_hz)

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        if self.away:
            raise SinkLost("It went away")
        self._inner.send(frame)
        with self._changed:
            self.pictures += not frame.is_placeholder
            self._changed.notify_all()

    def in_use(self) -> bool:
        """See `Sink.in_use`."""
        return self.viewed

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return ["soak"] if self.viewed else []

    def close(self) -> None:
        """See `Sink.close`."""
        self._inner.close()

    def wait_for_pictures(self, count: int, ticks: int) -> bool:
        """Wait for so many more, for ticks of 0.1 s: the time this program is halted counts not."""
        with self._changed:
            wanted = self.pictures + count
            return any(
                self._changed.wait_for(lambda: self.pictures >= wanted, 0.1) for _ in range(ticks)
            )
