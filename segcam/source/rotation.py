"""Finds out how a clip's pictures are to be turned."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type

from segcam.source.turn import UPRIGHT, Turn


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
