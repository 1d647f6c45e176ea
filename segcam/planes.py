"""Making single planes smaller and larger, quickly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.libyuv import LIBYUV, is_scalable
from segcam.size import Size

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


class Shrinker:
    """Resizes one plane through buffers it owns.

    Exact halving is ten times cheaper than any other area average in OpenCV, so each side is
    halved as long as it stays at least as long as the target's, and only the rest is interpolated.
    libyuv takes a quarter at once.
    """

    def __init__(self, source: Size, target: Size) -> None:
        steps = [source]
        while (half := _halved(steps[-1], target)) != steps[-1]:
            if len(steps) > 1 and LIBYUV is not None and is_scalable(steps[-2], half):
                steps.pop()
            steps.append(half)
        self._parts: list[U8] = [np.empty(step, np.uint8) for step in steps[1:]]
        # Odd sides cannot be halved exactly; what is left to shrink then needs a true average.
        far = any(side >= 2 * goal for side, goal in zip(steps[-1], target, strict=True))
        self._last = cv2.INTER_AREA if far else cv2.INTER_LINEAR
        self._out: U8 = np.empty(target, np.uint8)

    def __call__(self, plane: U8) -> U8:
        """The plane at the target size, itself where it has it; valid until the next call."""
        for part in self._parts:
            resize(plane, part)
            plane = part
        if plane.shape == self._out.shape:
            return plane
        cv2.resize(plane, self._out.shape[::-1], self._out, interpolation=self._last)
        return self._out


class Enlarger:
    """Interpolates planes to any larger size, through memory it owns. One thread.

    libyuv doubles a plane in a quarter of the time that OpenCV takes for any size, so with it all
    but a beginning is doubling.
    """

    def __init__(self) -> None:
        self._memory: U8 = np.empty(0, np.uint8)

    def __call__(self, plane: U8, out: U8) -> None:
        """Interpolate ``plane`` to the size of ``out``, which is written whole."""
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
    """A smaller version of a plane, new; the plane itself where it already has that size.

    Args:
        plane: uint8 (H, W).
        size: Wanted (h, w). A side that is larger than the plane's is interpolated.
    """
    return Shrinker(_size(plane), size)(plane)


def resize(plane: U8, out: U8) -> None:
    """Interpolate a plane to the size of ``out``; a half of it is the exact average."""
    if LIBYUV is not None and is_scalable(_size(plane), _size(out)):
        LIBYUV.scale(plane, out)
    else:
        # To a half, it samples half-way between two pixels, and so takes their mean.
        cv2.resize(plane, out.shape[::-1], dst=out, interpolation=cv2.INTER_LINEAR)


def _size(plane: U8) -> Size:
    return plane.shape[0], plane.shape[1]


def _halved(size: Size, target: Size) -> Size:
    """``size`` with each side halved that is even and at least twice the target's."""
    height, width = (
        side // 2 if side % 2 == 0 and side >= 2 * goal else side
        for side, goal in zip(size, target, strict=True)
    )
    return height, width


def _doublings(source: Size, target: Size) -> list[Size]:
    """Sizes on the way from ``source`` to ``target``, each twice the last but perhaps the first.

    All are multiples of the source's, so that a part of a plane, enlarged alone, is not moved.
    """
    sizes: list[Size] = []
    height, width = target
    while height % (2 * source[0]) == 0 and width % (2 * source[1]) == 0:
        height, width = height // 2, width // 2
        sizes.append((height, width))
    if sizes and sizes[-1] == source:
        sizes.pop()
    return sizes[::-1]
