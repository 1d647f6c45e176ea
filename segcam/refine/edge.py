"""Moves a matte's edge onto the edge in the picture.

In a small window, the matte is modelled as a linear function of the colour: ``q = a . I + b``.
Where person and room differ in colour, the edge follows the change of colour instead of the pixels
of the small matte. Where they do not differ, the fit finds no slope (``a = 0``) and the matte stays
smooth.

Source: He, Sun, Tang, "Guided Image Filtering", PAMI 2013, section 3.5 (colour guidance, equations
19 to 21); He, Sun, "Fast Guided Filter", arXiv 1505.00996, 2015 (fit on a small grid, apply on a
larger one).
"""

from __future__ import annotations

from itertools import combinations_with_replacement

import cv2
import numpy as np

from segcam.frame import F32
from segcam.refine.guide import Guide

STEADINESS = (65.0, 16.0, 16.0)
"""Variance of Y, U and V (0..255 scale) below which a window is flat: epsilon in equation 19.
Larger values follow both noise and faint edges less. It is 1e-3 of full scale. Chroma has half of
luma's range in real pictures, so its variance gets a quarter."""
PAIRS = tuple(combinations_with_replacement(range(3), 2))


class EdgeFit:
    """Fits mattes to their pictures, at the sizes of a guide. For one thread."""

    def __init__(self, guide: Guide) -> None:
        grid = guide.mean.shape[1:]
        self._guide = guide
        self._matte: F32 = np.empty(guide.half.shape[1:], np.float32)
        self._product: F32 = np.empty(guide.half.shape[1:], np.float32)
        self._mean: F32 = np.empty(grid, np.float32)
        self._scratch: F32 = np.empty(grid, np.float32)
        # At each grid point: three equations with three unknowns, and the right side.
        self._system: F32 = np.empty((3, 4, *grid), np.float32)
        self._refined: F32 = np.empty(guide.work.shape[1:], np.float32)
        self._term: F32 = np.empty(guide.work.shape[1:], np.float32)

    def refine(self, matte: F32) -> F32:
        """Fit a matte to the picture that the guide last read.

        Args:
            matte: float32 (h, w) of any size, 0..1. Borrowed, unchanged.

        Returns:
            float32 of the guide's work size, 0..1. Owned by this object; the next call overwrites
            it.
        """
        cv2.resize(matte, self._matte.shape[::-1], dst=self._matte)
        self._gather(self._matte)
        slopes = _solve(self._system, self._scratch)
        return self._apply(slopes)

    def _gather(self, matte: F32) -> None:
        """Means of the matte, covariances of matte and colours, in every window."""
        colors, means = self._guide.half, self._guide.mean
        self._guide.average(matte, self._mean)
        for i, j in PAIRS:
            np.multiply(colors[i], colors[j], out=self._product)
            self._covariance(means[i], means[j], self._system[i, j])
        for i, steadiness in enumerate(STEADINESS):
            self._system[i, i] += steadiness
            np.multiply(colors[i], matte, out=self._product)
            self._covariance(means[i], self._mean, self._system[i, 3])

    def _covariance(self, mean: F32, other: F32, out: F32) -> None:
        """``E[xy] - E[x] E[y]``, with the product xy in ``_product``."""
        self._guide.average(self._product, out)
        np.multiply(mean, other, out=self._scratch)
        np.subtract(out, self._scratch, out=out)

    def _apply(self, slopes: F32) -> F32:
        """``a . I + b`` with ``b = E[p] - a . E[I]``, with a and b enlarged to the work size.

        Colours outside the fitted range give values outside 0..1, which are clipped.
        """
        size, offset = self._refined.shape[::-1], self._mean
        for slope, mean in zip(slopes, self._guide.mean, strict=True):
            np.multiply(slope, mean, out=self._scratch)
            np.subtract(offset, self._scratch, out=offset)
        cv2.resize(offset, size, dst=self._refined)
        for slope, color in zip(slopes, self._guide.work, strict=True):
            cv2.resize(slope, size, dst=self._term)
            cv2.accumulateProduct(self._term, color, self._refined)
        return np.clip(self._refined, 0, 1, out=self._refined)


def _solve(system: F32, scratch: F32) -> F32:
    """Solve a symmetric positive definite 3x3 system at every point, in place.

    Gaussian elimination without pivoting, which such systems do not need.

    Args:
        system: float32 (3, 4, h, w); the upper triangle, then the right side. Overwritten.
        scratch: float32 (h, w). Overwritten.

    Returns:
        float32 (3, h, w), the right side's memory in ``system``, with the solution.
    """
    for i in range(3):
        for j in range(i + 1, 3):
            np.divide(system[i, j], system[i, i], out=scratch)
            system[j, j:] -= scratch * system[i, j:]
    for i in (2, 1, 0):
        for j in range(i + 1, 3):
            np.multiply(system[i, j], system[j, 3], out=scratch)
            system[i, 3] -= scratch
        system[i, 3] /= system[i, i]
    return system[:, 3]
