"""Tells where a picture needs no matte of its own: nothing that shapes one has changed."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8, Size

CELLS = (18, 32)
"""Rows and columns in which two pictures are compared, 8x8 pixels each for the default model: their
means are free of a camera's noise, and a finger still shows in one."""
CHANGE = 4
"""Levels of 0..255: where a cell's mean colour changes more, something moves. Ten webcam clips of
people who make signs: the matte kept for one of 12 frames has 0.998 of IoU with the frame's own,
two frames in a row have 0.986; with 6, one of 7 frames keeps it, at 0.997."""
SURE = 0.95
"""Mean opacity of a cell and all its neighbours from which on what moves there (a mouth, hands
before the chest) changes no outline."""
LONGEST_NS = 80_000_000
"""Most age of a reused matte: at 30 frames a second at least every third frame has its own. So a
failing model is noticed in time, and a slow dissolve is followed."""
_AROUND = np.ones((3, 3), np.uint8)


class Unchanged:
    """Compares pictures with the last one that had a matte of its own. One thread.

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
        """Whether the matte at hand is as good for the next picture.

        Args:
            picture: uint8 (h, w, 3), any colours. Borrowed.
            captured_ns: When it was taken.
        """
        half = self._half  # on the way, since exact halving is quick
        cv2.resize(picture, half.shape[1::-1], dst=half, interpolation=cv2.INTER_AREA)
        cv2.resize(half, CELLS[::-1], dst=self._new_cells, interpolation=cv2.INTER_AREA)
        self._new_ns = captured_ns
        if self._taken_ns is None or not 0 <= captured_ns - self._taken_ns < LONGEST_NS:
            return False
        cv2.absdiff(self._new_cells, self._cells, dst=self._change)
        return not (self._change > self._allowed).any()

    def remember(self, matte: F32) -> None:
        """The last picture has a matte of its own: float32 (h, w), 0..1, borrowed."""
        self._cells, self._new_cells = self._new_cells, self._cells
        self._taken_ns = self._new_ns
        person = cv2.erode(cv2.resize(matte, CELLS[::-1], interpolation=cv2.INTER_AREA), _AROUND)
        self._allowed[:] = np.where(person < SURE, CHANGE, 255)[..., np.newaxis]

    def forget(self) -> None:
        """There is no matte at hand any more."""
        self._taken_ns = None
