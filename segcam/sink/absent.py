"""A substitute for a camera that cannot be offered."""

from __future__ import annotations

from fractions import Fraction

from segcam.frame import Frame
from segcam.sink.base import Output, Sink
from segcam.size import Size


class AbsentCamera(Sink):
    """Used if no camera can be offered; it never has viewers. See the Sink protocol.

    SegCam runs, its window shows the picture, and the state says what a camera would need.
    """

    name = "no camera"
    is_camera = True

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""

    def in_use(self) -> bool:
        """See `Sink.in_use`."""
        return False

    def outputs(self, in_use: bool) -> list[Output]:  # noqa: ARG002 - there is none
        """See `Sink.outputs`."""
        return []

    def close(self) -> None:
        """See `Sink.close`."""
