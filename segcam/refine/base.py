"""The contract of this stage: a refiner."""

from __future__ import annotations

from typing import Protocol

from segcam.frame import F32, U8, Frame


class Refiner(Protocol):
    """Makes the full-size matte from the model's small one. Used by one thread at a time.

    Attributes:
        edges: The current kind of outline: "fast" or "sharp", see `segcam.settings.Edges`.
    """

    @property
    def edges(self) -> str:
        """See above."""

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte.

        Args:
            coarse: The model's matte of the frame's box, float32 (h, w), 0..1. Borrowed, unchanged.
            frame: The picture, (H, W). ``frame.cut`` asks to forget earlier frames.
            out: uint8 (H, W), 0 background to 255 person; written completely, 0 outside of the box.
        """

    def close(self) -> None:
        """Release loaded parts; ``refine`` loads them again. Never fails; may be called twice."""
