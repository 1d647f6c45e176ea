"""Checks whether a network's answer may be a person's matte."""

from __future__ import annotations

import numpy as np

from segcam.errors import MatteRejected
from segcam.frame import F32
from segcam.segment.base import AnswerImpossible

TOLERANCE = 0.01
"""How far a matte may exceed 0..1 through rounding in half precision."""
VISIBLE = 0.25
"""Opacity from which on the refiner shows a part of a pixel."""
FULL = 0.98
"""If more than this share of pixels is visible, corners included, the matte shows the room."""


def sigmoid(logits: F32) -> None:
    """``1 / (1 + exp(-x))`` in place; infinities become NaN, so that the check finds them."""
    with np.errstate(invalid="ignore", over="ignore"):
        logits -= logits * 0  # x - 0 is x, but inf - NaN is NaN
        np.negative(logits, out=logits)
        np.exp(logits, out=logits)
        logits += 1
        np.reciprocal(logits, out=logits)


def checked_range(matte: F32) -> tuple[float, float]:
    """Raise MatteRejected unless float32 (h, w) ``matte`` may be a person's; else its range."""
    low, high = float(matte.min()), float(matte.max())
    # NaN passes through min and max and fails every comparison.
    if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):
        reason = f"its values run from {low:g} to {high:g}, not from 0 to 1"
        raise rejected(reason, AnswerImpossible)
    if matte[:: matte.shape[0] - 1, :: matte.shape[1] - 1].min() < VISIBLE:
        return low, high
    share = np.count_nonzero(matte > VISIBLE) / matte.size
    if share > FULL:
        raise rejected(f"a person would fill {share:.1%} of the picture, including its corners")
    return low, high


def rejected(reason: str, kind: type[MatteRejected] = MatteRejected) -> MatteRejected:
    """The error for an answer that is no matte."""
    return kind(
        "The model's answer is not a matte",
        reason,
        "If this keeps happening, move a little away from the camera, uncover it, or try another "
        "--backend or --model",
    )
