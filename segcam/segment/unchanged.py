"""Detects pictures that can reuse the last matte: nothing that affects it has changed."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8, Size

CELLS = (18, 32)
"""Rows and columns in which two pictures are compared, 8x8 pixels each for the default model: their
means are free of a camera's noise, and a finger still shows in one."""
CHANGE = 4
"""Levels of 0..255: if a cell's mean colour changes more, something moves. On ten webcam clips of
people who make signs, a reused matte has an IoU of 0.998 with the frame's own."""
SURE = 0.95
"""If the mean opacity of a cell and all its neighbours is higher, movement there (a mouth, hands in
front of the chest) changes no outline."""
LONGEST_NS = 80_000_000
"""Greatest age of a reused matte: at 30 frames a second, at least every third frame has its own. So
a failing model is noticed in time, and the matte follows a slow dissolve."""
_AROUND = np.ones((3, 3), np.uint8)


class Unchanged:
    """Compares pictures with the last one that got a new matte. For one thread.

    Args:
        size: (h, w) of the pictures.
    """

    def __init__(self, size: Size) -> None:
        self._half = np.empty(((size[0] + 1) // 2, (size[1] + 1) // 2, 3), np.uint8)
        self._cells, self._new_cells, self._change = np.empty((3, *CELLS, 3), np.uint8)
        self._allowed = np.empty((*CELLS, 3), np.uint8)
        self._new_ns = 0
        self._taken_ns: int | None = None

    def lasts(self, picture: U8, captured_ns: int) -> bool:
        """Whether the last matte also fits the next picture.

        Args:
            picture: uint8 (h, w, 3), any colours. Borrowed.
            captured_ns: When it was taken.
        """
        half = self._half  # an intermediate step, since exact halving is quick
        cv2.resize(picture, half.shape[1::-1], dst=half, interpolation=cv2.INTER_AREA)
        cv2.resize(half, CELLS[::-1], dst=self._new_cells, interpolation=cv2.INTER_AREA)
        self._new_ns = captured_ns
        if self._taken_ns is None or not 0 <= captured_ns - self._taken_ns < LONGEST_NS:
            return False
        cv2.absdiff(self._new_cells, self._cells, dst=self._change)
        return not (self._change > self._allowed).any()

    def remember(self, matte: F32) -> None:
        """Store the new matte of the last picture: float32 (h, w), 0..1, borrowed."""
        self._cells, self._new_cells = self._new_cells, self._cells
        self._taken_ns = self._new_ns
        person = cv2.erode(cv2.resize(matte, CELLS[::-1], interpolation=cv2.INTER_AREA), _AROUND)
        self._allowed[:] = np.where(person < SURE, CHANGE, 255)[..., np.newaxis]

    def forget(self) -> None:
        """Drop the stored matte."""
        self._taken_ns = None
