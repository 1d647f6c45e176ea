"""The small pictures that tell the refine stage where edges and movements are."""

from __future__ import annotations

import math

import cv2
import numpy as np

from segcam.frame import F32, Frame, Size
from segcam.planes import shrink

WORK_PIXELS = 320 * 180
"""A frame is worked at in the whole part of its size that comes nearest to this: a quarter of
1280x720, half of 640x480. Applying the fit at twice that size measured no better on upper bodies
and portraits."""


class Guide:
    """Y, U and V of a frame, 0..255, at the sizes the refine stage works at.

    The sizes follow the frame's and are 1x1 at least; the arrays are owned here, overwritten by
    ``read`` and made anew only when the frame's size changes. One thread.

    Attributes:
        work: float32 (3, h, w), what the refined matte is drawn from.
        half: float32 (3, h/2, w/2), averaged over 2x2 of ``work``.
        mean: float32 (3, h/4, w/4), averaged over windows of 6x6 of ``half`` (48x48 pixels of
            1280x720), which overlap.
    """

    def __init__(self) -> None:
        self._size: Size = (0, 0)

    def read(self, frame: Frame) -> bool:
        """Take over the frame's picture; True where the sizes have changed since the last one."""
        resized = frame.size != self._size
        if resized:
            self._allocate(frame.size)
        size = self.work.shape[1], self.work.shape[2]
        for index, plane in enumerate(frame.planes):
            work, half = self.work[index], self.half[index]
            np.copyto(work, shrink(plane, size))
            cv2.resize(work, half.shape[::-1], dst=half, interpolation=cv2.INTER_AREA)
            self.average(half, self.mean[index])
        return resized

    def average(self, plane: F32, out: F32) -> None:
        """Average a plane of ``half``'s size over windows as ``mean`` has them, into ``out``."""
        cv2.resize(plane, out.shape[::-1], dst=out, interpolation=cv2.INTER_AREA)
        cv2.blur(out, (3, 3), dst=out)

    def _allocate(self, size: Size) -> None:
        self._size = size
        part = max(1, round(math.sqrt(size[0] * size[1] / WORK_PIXELS)))
        self.work: F32 = np.empty((3, *_divided(size, part)), np.float32)
        self.half: F32 = np.empty((3, *_divided(size, 2 * part)), np.float32)
        self.mean: F32 = np.empty((3, *_divided(size, 4 * part)), np.float32)


def _divided(size: Size, part: int) -> Size:
    return -(-size[0] // part), -(-size[1] // part)
