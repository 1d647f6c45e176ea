"""Fast resizing of single planes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.libyuv import LIBYUV, is_scalable
from segcam.size import Size

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


class Shrinker:
    """Shrinks one plane, with its own buffers.

    Exact halving is ten times cheaper than any other area average in OpenCV. So each side is halved
    while it stays at least as long as the target's, and only the rest is interpolated. libyuv
    shrinks to a quarter in one step.
    """

    def __init__(self, source: Size, target: Size) -> None:
        steps = [source]
        while (half := _halved(steps[-1], target)) != steps[-1]:
            if len(steps) > 1 and LIBYUV is not None and is_scalable(steps[-2], half):
                steps.pop()
            steps.append(half)
        self._parts: list[U8] = [np.empty(step, np.uint8) for step in steps[1:]]
        # Odd sides cannot be halved exactly; the remaining step then needs an area average.
        far = any(side >= 2 * goal for side, goal in zip(steps[-1], target, strict=True))
        self._last = cv2.INTER_AREA if far else cv2.INTER_LINEAR
        self._out: U8 = np.empty(target, np.uint8)

    def __call__(self, plane: U8) -> U8:
        """The plane at the target size, or the plane itself; valid until the next call."""
        for part in self._parts:
            resize(plane, part)
            plane = part
        if plane.shape == self._out.shape:
            return plane
        cv2.resize(plane, self._out.shape[::-1], self._out, interpolation=self._last)
        return self._out


class Enlarger:
    """Interpolates planes to any larger size, with its own memory. For one thread.

    libyuv doubles a plane in a quarter of OpenCV's time, so with it all steps except the first are
    doublings.
    """

    def __init__(self) -> None:
        self._memory: U8 = np.empty(0, np.uint8)

    def __call__(self, plane: U8, out: U8) -> None:
        """Interpolate ``plane`` to the size of ``out``, which is written completely."""
        sizes = _doublings(_size(plane), _size(out)) if LIBYUV is not None else []
        needed = sum(height * width for height, width in sizes)
        if self._memory.size < needed:
            self._memory = np.empty(needed, np.uint8)
        start = 0
        for height, width in sizes:
            part = self._memory[start : start + height * width].reshape(height, width)
            resize(plane, part)
            plane, start = part, start + part.size
        resize(plane, out)


def shrink(plane: U8, size: Size) -> U8:
    """A new, smaller version of a plane; the plane itself if it already has that size.

    Args:
        plane: uint8 (H, W).
        size: Wanted (h, w). A side that is larger than the plane's is interpolated.
    """
    return Shrinker(_size(plane), size)(plane)


def resize(plane: U8, out: U8) -> None:
    """Interpolate a plane to the size of ``out``; halving gives the exact average."""
    if LIBYUV is None or not LIBYUV.has_scaled(plane, out):
        # For a half, it samples midway between two pixels, which gives their mean.
        cv2.resize(plane, out.shape[::-1], dst=out, interpolation=cv2.INTER_LINEAR)


def _size(plane: U8) -> Size:
    return plane.shape[0], plane.shape[1]


def _halved(size: Size, target: Size) -> Size:
    """``size``, with each side halved if it is even and at least twice the target's."""
    height, width = (
        side // 2 if side % 2 == 0 and side >= 2 * goal else side
        for side, goal in zip(size, target, strict=True)
    )
    return height, width


def _doublings(source: Size, target: Size) -> list[Size]:
    """Sizes of the steps from ``source`` to ``target``; each but the first doubles the last.

    All are multiples of the source's, so that enlarging a part of a plane does not move it.
    """
    sizes: list[Size] = []
    height, width = target
    while height % (2 * source[0]) == 0 and width % (2 * source[1]) == 0:
        height, width = height // 2, width // 2
        sizes.append((height, width))
    if sizes and sizes[-1] == source:
        sizes.pop()
    return sizes[::-1]
