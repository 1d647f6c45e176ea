"""What a sink is."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from segcam.frame import Frame, Size


class Sink(Protocol):
    """Takes composites. Opened, fed and closed on one thread.

    Attributes:
        name: For people: a device path, a file name.
        is_camera: Whether programs take its frames as a camera's: it gets a placeholder while there
            is no picture. False for files.
    """

    name: str
    is_camera: bool

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Acquire the device or file for frames of (H, W) at ``rate_hz``.

        Raises:
            SinkError: It cannot be opened; nothing is held then.
        """

    def send(self, frame: Frame) -> None:
        """Hand over one composite; keeps no reference to it.

        Raises:
            SinkError: The frame did not arrive.
        """

    def in_use(self) -> bool:
        """Whether anybody takes the frames right now; True where that cannot be told.

        On the sink's thread, while it is open; cheap enough to be asked every frame.

        Raises:
            SinkLost: The device is gone.
        """

    def viewers(self) -> list[str]:
        """Names of the programs that watch, as far as this user may know. From any thread; slow."""

    def close(self) -> None:
        """Finish the output and release everything. May be called twice.

        Raises:
            SinkError: What was sent could not be finished (a full disk).
        """
