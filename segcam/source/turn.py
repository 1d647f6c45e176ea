"""Turns pictures upright that were filmed sideways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segcam.frame import U8, Frame


@dataclass(frozen=True, slots=True)
class Turn:
    """How to turn a picture: first the sides are swapped, then it is mirrored."""

    swaps_sides: bool = False
    mirrors_rows: bool = False
    mirrors_columns: bool = False

    def apply(self, picture: Frame, out: Frame) -> None:
        """Write the turned ``picture`` into ``out``, which gets its size."""
        height, width = picture.size
        out.resize((width, height) if self.swaps_sides else (height, width))
        for plane, target in zip(picture.planes, out.planes, strict=True):
            np.copyto(target, self.view(plane))

    def view(self, plane: U8) -> U8:
        """The turned (H, W) or (H, W, C), not copied."""
        plane = plane.swapaxes(0, 1) if self.swaps_sides else plane
        rows = slice(None, None, -1 if self.mirrors_rows else 1)
        columns = slice(None, None, -1 if self.mirrors_columns else 1)
        return plane[rows, columns]


UPRIGHT = Turn()
