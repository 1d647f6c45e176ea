"""An output that keeps nothing."""

from __future__ import annotations

from fractions import Fraction

from segcam.frame import Frame, Size


class NullSink:
    """Takes every frame and forgets it: for measuring, and for trying out without a trace."""

    name = "null"
    is_camera = False

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""

    def in_use(self) -> bool:
        """See `Sink.in_use`: what is measured must run."""
        return True

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return []

    def close(self) -> None:
        """See `Sink.close`."""
