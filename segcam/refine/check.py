"""Checks a refined matte against the coarse one, which has already been checked."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8

CELLS = (18, 32)
"""Rows and columns of the cells in which both are compared."""
NOBODY = 0.02
"""Up to this mean coarse opacity of a cell and its neighbours, nobody is there."""
VISIBLE = 8
"""From this mean refined opacity of 255 on, a cell shows something: at 5 % a pattern on the wall
can still be detected, and where nobody is, `Levels` writes exactly 0."""
MOST = 0.01
"""Share of the cells that may be visible where nobody is: hair that the coarse matte missed."""
COVERED = 0.25
"""Coarse opacity up to which `Levels` writes room."""
GROWTH = 0.03
"""Share of the picture by which a person may grow."""
_AROUND = np.ones((3, 3), np.uint8)


def shows_more(coarse: F32, fine: U8) -> bool:
    """Whether a refined matte shows parts of the coarse one's room, away from any person.

    Args:
        coarse: float32 (h, w), 0..1.
        fine: uint8 (H, W), 0..255. Only some of its pixels are checked.
    """
    looked_at = (min(5 * CELLS[1], fine.shape[1]), min(5 * CELLS[0], fine.shape[0]))
    part = np.asarray(cv2.resize(fine, looked_at, interpolation=cv2.INTER_NEAREST), np.uint8)
    rows = min(CELLS[0], part.shape[0], coarse.shape[0])
    columns = min(CELLS[1], part.shape[1], coarse.shape[1])
    person = cv2.dilate(_cells(coarse, rows, columns), _AROUND)
    nowhere_near = (_cells(part, rows, columns) > VISIBLE) & (person <= NOBODY)
    if np.count_nonzero(nowhere_near) > MOST * nowhere_near.size:
        return True
    covered = np.count_nonzero(coarse > COVERED) / coarse.size
    return bool(cv2.mean(part)[0] / 255 > covered + GROWTH)


def _cells(matte: F32 | U8, rows: int, columns: int) -> F32:
    shrunk = cv2.resize(matte, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32)
