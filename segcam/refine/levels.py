"""Writes the refined matte out at the frame's size, clean where nothing is in doubt."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8

CUT = 64
"""Opacity up to which a matte is background, exactly, and from 256 - CUT on person. What is between
is stretched to 0..255, twice as steep with 64; half opacity stays where it is."""
NEIGHBOURS = np.ones((3, 3), np.uint8)


class Levels:
    """Enlarges mattes and steepens them around half opacity. One thread.

    Most of a picture is all person or all room: only the box around what is neither is
    interpolated, as on each of its four sides there is one value.
    """

    def __init__(self) -> None:
        self._small: U8 = np.empty((0, 0), np.uint8)
        self._slope: U8 = np.empty((0, 0), np.uint8)

    def write(self, matte: F32, out: U8) -> None:
        """Enlarge and steepen one matte.

        Args:
            matte: float32 (h, w), 0..1. Borrowed, unchanged.
            out: uint8 (H, W), written whole: 0 and 255 where the matte is sure.
        """
        if self._small.shape != matte.shape:
            self._small, self._slope = np.empty((2, *matte.shape), np.uint8)
        small = self._small
        cv2.convertScaleAbs(matte, dst=small, alpha=255)
        if out.shape[0] % small.shape[0] or out.shape[1] % small.shape[1]:
            _enlarge(small, out)  # a part of it would not fall on whole pixels
            return
        left, top, width, height = self._find_unsure()
        down, across = out.shape[0] // small.shape[0], out.shape[1] // small.shape[1]
        rows = slice(top * down, (top + height) * down)
        columns = slice(left * across, (left + width) * across)
        out[: rows.start] = _sure(small[0, 0])
        out[rows.stop :] = _sure(small[-1, 0])
        out[rows, : columns.start] = _sure(small[top, 0])
        out[rows, columns.stop :] = _sure(small[top, -1])
        if width:
            _enlarge(small[top : top + height, left : left + width], out[rows, columns])

    def _find_unsure(self) -> tuple[int, int, int, int]:
        """The box (x, y, width, height) outside of which all neighbours are of one mind.

        Its rim is, too, so that nothing is lost by interpolating without what is around it.
        """
        np.clip(self._small, CUT, 256 - CUT, out=self._slope)
        cv2.morphologyEx(self._slope, cv2.MORPH_GRADIENT, NEIGHBOURS, dst=self._slope)
        left, top, width, height = cv2.boundingRect(self._slope)
        return left, top, width, height


def _sure(opacity: np.uint8) -> int:
    return 255 if opacity >= 128 else 0


def _enlarge(small: U8, out: U8) -> None:
    """Interpolate, then steepen: the other way round leaves steps of the small grid in the edge."""
    cv2.resize(small, out.shape[::-1], dst=out)
    np.maximum(out, CUT, out=out)
    np.subtract(out, CUT, out=out)
    cv2.add(out, out, dst=out)
