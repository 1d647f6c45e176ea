"""Writes the refined matte at the frame's size, exactly 0 or 255 where it is certain."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8
from segcam.planes import Enlarger

CUT = 64
"""Up to this opacity a matte is exactly background, and from 256 - CUT on exactly person. Values
between are stretched to 0..255, twice as steep with 64; half opacity is unchanged. On keyed figures
with soft edges, 64 has the smallest error of opacity near the edge: 6.6 levels, instead of 11.1
without."""
CUT_SCALAR = np.array([CUT, 0, 0, 0], np.float64)
"""The same as a scalar for OpenCV."""
Part = tuple[slice, slice]


class Levels:
    """Enlarges mattes and steepens them around half opacity. For one thread.

    Most of a picture is room. Only the box of pixels that differ from the upper left corner is
    interpolated; the rest gets the corner's value.
    """

    def __init__(self) -> None:
        self._enlarger = Enlarger()
        self._small: U8 = np.empty((0, 0), np.uint8)
        self._differs: U8 = np.empty((0, 0), np.uint8)

    def write(self, matte: F32, out: U8) -> None:
        """Enlarge and steepen one matte.

        Args:
            matte: float32 (h, w), 0..1. Borrowed, unchanged.
            out: uint8 (H, W), written completely: 0 and 255 where the matte is certain.
        """
        if self._small.shape != matte.shape:
            self._small, self._differs = np.empty((2, *matte.shape), np.uint8)
        small = self._small
        cv2.convertScaleAbs(matte, dst=small, alpha=255)
        corner = int(small[0, 0])
        if (
            CUT < corner < 256 - CUT
            or out.shape[0] % small.shape[0]
            or out.shape[1] % small.shape[1]
        ):
            self._enlarge(small, out)  # uncertain corner, or the box is not on whole pixels
            return
        box = self._find_box(person=corner > CUT)
        large = _scaled(box, out.shape[0] // small.shape[0], out.shape[1] // small.shape[1])
        if small[box].size:
            self._enlarge(small[box], out[large])
        fill_around(large, out, 255 if corner > CUT else 0)

    def _find_box(self, person: bool) -> Part:
        """The box in which the matte differs from the corner.

        It has a margin of two pixels, so that interpolating the box alone is exact: doubling twice
        spreads a pixel that far.
        """
        if person:
            np.less(self._small, 256 - CUT, out=self._differs.view(np.bool_))
        else:
            np.greater(self._small, CUT, out=self._differs.view(np.bool_))
        left, top, width, height = cv2.boundingRect(self._differs)
        grown = 2 if width else 0
        rows = slice(max(0, top - grown), top + height + grown)
        return rows, slice(max(0, left - grown), left + width + grown)

    def _enlarge(self, small: U8, out: U8) -> None:
        """Interpolate, then steepen: the reverse order would show steps of the small grid."""
        self._enlarger(small, out)
        cv2.subtract(out, CUT_SCALAR, dst=out)  # both operations saturate
        cv2.add(out, out, dst=out)


def _scaled(box: Part, down: int, across: int) -> Part:
    rows, columns = box
    return (
        slice(rows.start * down, rows.stop * down),
        slice(columns.start * across, columns.stop * across),
    )


def fill_around(box: Part, out: U8, value: int) -> None:
    """Write everything around a part of (H, W), given by its rows and columns."""
    rows, columns = box
    out[: rows.start] = value
    out[rows.stop :] = value
    out[rows, : columns.start] = value
    out[rows, columns.stop :] = value
