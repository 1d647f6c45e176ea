"""Smooths a matte over time where the picture does not change.

A model's matte flickers with the camera's noise. Averaging over time steadies it, but lags behind
movement. So matte and picture are averaged together, at each point: the average is kept while the
picture still matches its own average, and is replaced where it does not. The more the matte
changes, the smaller the change of the picture that counts as its cause.
"""

from __future__ import annotations

import cv2
import numpy as np

from segcam.box import Box
from segcam.frame import F32

CALM_RATE = 0.08
"""Share of the newest matte where nothing moves; frames that share a matte count once."""
STILL_CHANGE = 4.0
MOVED_CHANGE = 8.0
"""Change of the local mean colour (0..255) up to which the average is kept, and from which on only
the newest matte counts; both for a matte that does not change."""
SUSPICION = 5.0
"""If a matte changes by 1, the picture's change is multiplied by 1 + SUSPICION. Without this,
contours of moving people lose 0.6 points of F."""
NEIGHBOURS = np.ones((3, 3), np.uint8)
"""Neighbours of movement count as moving, on the grid of the local means."""


class Smoother:
    """Averages mattes of one size over time. For one thread.

    Args:
        matte: float32 (h, w), the first matte. Copied.
        means: float32 (3, h', w'), local means of its picture's colours. Copied.
    """

    def __init__(self, matte: F32, means: F32) -> None:
        self._matte, self._means = matte.copy(), means.copy()
        self._step, self._rate = np.empty((2, *matte.shape), np.float32)
        # The rate is computed at half the matte's size, since it is smooth anyway.
        half = (matte.shape[0] + 1) // 2, (matte.shape[1] + 1) // 2
        self._half_step, self._half_rate = np.empty((2, *half), np.float32)
        self._means_step = np.empty_like(means)
        self._means_change, self._means_rate = np.empty((2, *means.shape[1:]), np.float32)

    def smooth(self, matte: F32, means: F32) -> F32:
        """Blend one more matte into the average.

        Args:
            matte: float32 (h, w), 0..1. Borrowed, unchanged.
            means: float32 (3, h', w'), 0..255, its colours. Borrowed, unchanged.

        Returns:
            float32 (h, w), 0..1, the average. Owned by this object, valid until the next call.
        """
        self._follow(means)
        np.subtract(matte, self._matte, out=self._step)
        self._decide()
        cv2.accumulateProduct(self._step, self._rate, self._matte)
        return self._matte

    def moved(self, old: Box, new: Box, matte: F32, means: F32) -> Smoother:
        """The same average for another part of the picture.

        Args:
            old: The average's present box.
            new: Its new box.
            matte: Of the new box: gives its size, and the values where there is no average yet.
            means: The same for the colours.
        """
        other = Smoother(matte, means)
        _move(self._matte, old, new, other._matte)
        for ours, theirs in zip(self._means, other._means, strict=True):
            _move(ours, old, new, theirs)
        return other

    def _decide(self) -> None:
        """The rate at every pixel, from the matte's change and the picture's."""
        step, rate = self._half_step, self._half_rate
        size = rate.shape[::-1]
        cv2.resize(self._step, size, dst=step, interpolation=cv2.INTER_AREA)
        np.abs(step, out=step)
        np.multiply(step, SUSPICION, out=step)
        np.add(step, 1, out=step)
        cv2.resize(self._means_change, size, dst=rate)
        np.multiply(rate, step, out=rate)
        _rate_of(rate, rate)
        cv2.resize(rate, self._rate.shape[::-1], dst=self._rate)

    def _follow(self, means: F32) -> None:
        """Measure the change of the picture, then blend it in at the rate that follows from it."""
        step, change, rate = self._means_step, self._means_change, self._means_rate
        np.subtract(means, self._means, out=step)
        np.maximum(step.max(axis=0), -step.min(axis=0), out=rate)
        cv2.dilate(rate, NEIGHBOURS, dst=change)
        _rate_of(change, rate)
        np.multiply(step, rate, out=step)
        np.add(self._means, step, out=self._means)


def _move(source: F32, old: Box, new: Box, target: F32) -> None:
    """Resample a plane of the old box to the new one, where they overlap."""
    affine = np.zeros((2, 3), np.float32)
    for row, (index, start) in enumerate(((1, new.left - old.left), (0, new.top - old.top))):
        pixel, theirs = old.size[index] / source.shape[index], new.size[index] / target.shape[index]
        affine[row, row] = theirs / pixel
        affine[row, 2] = (0.5 * theirs + start) / pixel - 0.5
    cv2.warpAffine(
        source,
        affine,
        target.shape[::-1],
        dst=target,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_TRANSPARENT,
    )


def _rate_of(change: F32, out: F32) -> None:
    """The share of the newest values, from the change."""
    slope = (1 - CALM_RATE) / (MOVED_CHANGE - STILL_CHANGE)
    np.multiply(change, slope, out=out)
    np.add(out, CALM_RATE - slope * STILL_CHANGE, out=out)
    np.clip(out, CALM_RATE, 1, out=out)
