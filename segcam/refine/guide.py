"""Small pictures that show the refine stage edges and movement."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, Frame, Size


class Guide:
    """Y, U and V of a frame, 0..255, at the sizes of the refine stage.

    The sizes depend on the frame's and are at least 1x1. The arrays are owned here; ``read``
    overwrites them, and allocates new ones only if the frame's size changes. For one thread.

    Attributes:
        work: float32 (3, h, w), ``frame.small``, from which the refined matte is made.
        half: float32 (3, h/2, w/2), averaged over 2x2 of ``work``.
        mean: float32 (3, h/4, w/4), averaged over windows of 6x6 of ``half`` (48x48 pixels of
            1280x720), which overlap.
    """

    def __init__(self) -> None:
        self._size: Size = (0, 0)

    def read(self, frame: Frame) -> bool:
        """Read the frame's picture; True if the sizes have changed since the last one."""
        resized = frame.box.size != self._size
        if resized:
            self._allocate(frame)
        for index, plane in enumerate(frame.box_small):
            work, half = self.work[index], self.half[index]
            np.copyto(work, plane)
            cv2.resize(work, half.shape[::-1], dst=half, interpolation=cv2.INTER_AREA)
            self.average(half, self.mean[index])
        return resized

    def average(self, plane: F32, out: F32) -> None:
        """Average a plane of ``half``'s size over the windows of ``mean``, into ``out``."""
        cv2.resize(plane, out.shape[::-1], dst=out, interpolation=cv2.INTER_AREA)
        cv2.blur(out, (3, 3), dst=out)

    def _allocate(self, frame: Frame) -> None:
        self._size = frame.box.size
        small = frame.box_small[0]
        work = small.shape[0], small.shape[1]
        half = _halved(work)
        self.work: F32 = np.empty((3, *work), np.float32)
        self.half: F32 = np.empty((3, *half), np.float32)
        self.mean: F32 = np.empty((3, *_halved(half)), np.float32)


def _halved(size: Size) -> Size:
    return (size[0] + 1) // 2, (size[1] + 1) // 2
