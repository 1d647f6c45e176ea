"""Turns pictures upright that were filmed sideways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import av
import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type

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


def turn_of(picture: av.VideoFrame) -> Turn:
    """How a player turns the picture: by multiples of 90 degrees, and mirrored.

    The display matrix maps a place (x, y) to (ax + cy, bx + dy).
    Source: ISO/IEC 14496-12, section 6.2.2.
    """
    # PyAV's ``picture.side_data`` forms a cycle that keeps the picture until garbage collection.
    all_data = SideDataContainer(picture)  # type: ignore[call-arg]
    data = next((each for each in all_data if each.type is Type.DISPLAYMATRIX), None)
    if data is None:
        return UPRIGHT
    matrix = np.frombuffer(cast(memoryview, data), np.int32)  # a buffer, but its stub lacks that
    a, b, c, d = (int(matrix[index]) for index in (0, 1, 3, 4))
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Turn(swaps_sides=True, mirrors_rows=b < 0, mirrors_columns=c < 0)
    return Turn(mirrors_rows=d < 0, mirrors_columns=a < 0)
