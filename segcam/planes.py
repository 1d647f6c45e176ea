"""Making single planes smaller and larger, quickly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Size = tuple[int, int]
"""Height and width in pixels, in that order."""


class Shrinker:
    """Resizes one plane through buffers it owns.

    Exact halving is ten times cheaper than any other area average in OpenCV, so each side is
    halved as long as it stays at least as long as the target's, and only the rest is interpolated.
    """

    def __init__(self, source: Size, target: Size) -> None:
        steps = [source]
        while (half := _halved(steps[-1], target)) != steps[-1]:
            steps.append(half)
        self._halves: list[U8] = [np.empty(step, np.uint8) for step in steps[1:]]
        # Odd sides cannot be halved exactly; what is left to shrink then needs a true average.
        far = any(side >= 2 * goal for side, goal in zip(steps[-1], target, strict=True))
        self._last = cv2.INTER_AREA if far else cv2.INTER_LINEAR
        self._out: U8 = np.empty(target, np.uint8)

    def __call__(self, plane: U8) -> U8:
        """The plane at the target size, itself where it has it; valid until the next call."""
        for half in self._halves:
            # Sampled half-way between two pixels, linear interpolation is their mean.
            cv2.resize(plane, half.shape[::-1], half, interpolation=cv2.INTER_LINEAR)
            plane = half
        if plane.shape == self._out.shape:
            return plane
        cv2.resize(plane, self._out.shape[::-1], self._out, interpolation=self._last)
        return self._out


def _halved(size: Size, target: Size) -> Size:
    """``size`` with each side halved that is even and at least twice the target's."""
    height, width = (
        side // 2 if side % 2 == 0 and side >= 2 * goal else side
        for side, goal in zip(size, target, strict=True)
    )
    return height, width


def shrink(plane: U8, size: Size) -> U8:
    """A smaller version of a plane, new; the plane itself where it already has that size.

    Args:
        plane: uint8 (H, W).
        size: Wanted (h, w). A side that is larger than the plane's is interpolated.
    """
    return Shrinker((plane.shape[0], plane.shape[1]), size)(plane)


def enlarge(plane: U8, size: Size, out: U8 | None = None) -> U8:
    """A plane interpolated to ``size``: uint8 (h, w), written to ``out`` where given."""
    height, width = size
    result = cv2.resize(plane, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)
    return np.asarray(result, np.uint8)
