"""An output that discards everything."""

from __future__ import annotations

from fractions import Fraction

from segcam.frame import Frame, Size
from segcam.sink.base import Sink


class NullSink(Sink):
    """Discards every frame: for measurements and trials."""

    name = "null"
    is_camera = False

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""

    def close(self) -> None:
        """See `Sink.close`."""
