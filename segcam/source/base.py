"""The contract of this stage: a source."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from segcam.frame import Frame, Size


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What an opened source delivers.

    Attributes:
        name: For the user: the camera's name, a file name.
        size: (H, W) of the frames, even.
        rate_hz: Nominal frames per second.
        live: True for sources in real time (cameras, and clips played as one): the newest frame
            wins. False: every frame counts and the reader sets the pace.
        frames: Number of frames, None if unknown or without end.
        size_varies: Whether later frames may have another size than ``size``.
        newest: Whether a late reader gets the newest frame and the skipped ones cost nothing, as
            with a webcam.
    """

    name: str
    size: Size
    rate_hz: Fraction
    live: bool
    frames: int | None = None
    size_varies: bool = False
    newest: bool = False


class Source(Protocol):
    """Delivers frames. Opened, read and closed on one thread, except ``interrupt``."""

    def open(self) -> SourceInfo:
        """Acquire the device or file.

        Raises:
            SourceError: It cannot be opened; nothing stays open.
        """

    def read(self, out: Frame) -> bool:
        """Wait for the next frame and write it into the caller's ``out``.

        Resizes ``out`` if the picture's size differs, and sets id, captured_ns and cut. A live
        source gives up with CameraLost after 5 frame periods without an answer.

        Returns:
            False at the end of the source; ``out`` is undefined then.

        Raises:
            SourceError: No more frames will come; ``out`` is undefined.
        """

    def interrupt(self) -> None:
        """Make a waiting ``read`` return False soon. From any thread, at any time."""

    def close(self) -> None:
        """Release everything. Never fails; may be called twice."""
