"""Finds the wall's pattern in a picture, even faint traces."""

from __future__ import annotations

import cv2
import numpy as np
from leak.room import BLOCK_PX, SIZE, code

from segcam.frame import F32, Frame

WINDOW_PX = 48
"""Large enough that chance correlates little in it, small enough to find a leak of 1/40 picture."""
FLOOR = 1.5
"""Levels: lower contrast counts as this, since otherwise noise of one level would look like the
pattern."""
THRESHOLD = 0.35
"""Hidden frames reach 0.2, the raw room 0.85 and more, also after JPEG and halving."""


def score(frame: Frame) -> float:
    """How clearly the wall shows: the best normalised correlation of any window, 0..1.

    It compares only fine detail, since a blurred room is hidden. It checks the picture and its
    mirror image.
    """
    luma = frame.y
    if frame.size != SIZE:
        luma = np.asarray(cv2.resize(luma, SIZE[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    detail = _detail(luma.astype(np.float32))
    energy = np.maximum(_windows(detail * detail), FLOOR**2)
    return max(float(abs(_windows(detail * c) / np.sqrt(energy * e)).max()) for c, e in _TRUTH)


def leaks(frame: Frame) -> bool:
    """Whether the room can be found."""
    return score(frame) > THRESHOLD


def _detail(luma: F32) -> F32:
    return luma - cv2.GaussianBlur(luma, (0, 0), BLOCK_PX)


def _windows(values: F32) -> F32:
    """The mean over each window, at every third pixel; only whole windows."""
    means = cv2.boxFilter(values, -1, (WINDOW_PX, WINDOW_PX))
    half = WINDOW_PX // 2
    return np.asarray(means[half:-half:3, half:-half:3], np.float32)


def _truth(pattern: F32) -> tuple[F32, F32]:
    detail = _detail(pattern)
    return detail, _windows(detail * detail)


_TRUTH = [_truth(code()), _truth(np.ascontiguousarray(code()[:, ::-1]))]
