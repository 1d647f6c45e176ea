"""Calms a matte over time where the picture gives it no reason to change.

A model's matte trembles with the camera's noise. Averaging it over time calms it, but trails behind
whoever moves. So matte and picture are averaged together, point by point: the average holds while
the picture still looks like the one it belongs to, and starts anew where it does not.
"""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32

CALM_RATE = 0.12
"""Share of the newest matte where the picture stands still."""
STILL_CHANGE = 2.0
MOVED_CHANGE = 8.0
"""Change of the local mean colour (0..255) that is still noise, and that is movement for sure."""
NEIGHBOURS = np.ones((3, 3), np.uint8)
"""What is next to movement counts as moving, on the grid of the local means."""


class Smoother:
    """Averages mattes of one size over time. One thread.

    Args:
        matte: float32 (h, w), the first matte. Copied.
        means: float32 (3, h', w'), local means of the colours it belongs to. Copied.
    """

    def __init__(self, matte: F32, means: F32) -> None:
        self._matte, self._matte_step = matte.copy(), np.empty_like(matte)
        self._means, self._means_step = means.copy(), np.empty_like(means)
        self._change, self._rate = np.empty_like(means[0]), np.empty_like(means[0])
        self._matte_rate = np.empty_like(matte)

    def smooth(self, matte: F32, means: F32) -> F32:
        """Blend one more matte into the average.

        Args:
            matte: float32 (h, w), 0..1. Borrowed, unchanged.
            means: float32 (3, h', w'), 0..255, its colours. Borrowed, unchanged.

        Returns:
            float32 (h, w), 0..1. Owned by this object, valid until the next call.
        """
        np.subtract(means, self._means, out=self._means_step)
        self._measure_rate()
        np.multiply(self._means_step, self._rate, out=self._means_step)
        np.add(self._means, self._means_step, out=self._means)
        cv2.resize(self._rate, matte.shape[::-1], dst=self._matte_rate)
        np.subtract(matte, self._matte, out=self._matte_step)
        np.multiply(self._matte_step, self._matte_rate, out=self._matte_step)
        np.add(self._matte, self._matte_step, out=self._matte)
        return self._matte

    def _measure_rate(self) -> None:
        """Share of the new matte at every point, from the change of the colours there."""
        change, rate = self._change, self._rate
        np.maximum(self._means_step.max(axis=0), -self._means_step.min(axis=0), out=change)
        cv2.dilate(change, NEIGHBOURS, dst=rate)
        np.subtract(rate, STILL_CHANGE, out=rate)
        np.multiply(rate, (1 - CALM_RATE) / (MOVED_CHANGE - STILL_CHANGE), out=rate)
        np.add(rate, CALM_RATE, out=rate)
        np.clip(rate, CALM_RATE, 1, out=rate)
