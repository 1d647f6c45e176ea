"""Measures of mattes: compared with hand-made masks, and with themselves over time.

Masks are boolean arrays of shape (H, W), True on the person; a matte becomes a mask at half opacity
(``to_mask``). Scores are in 0..1, larger is better, except flicker and dtSSD. The functions have no
state and do not change their arguments.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
U8 = NDArray[np.uint8]

BOUNDARY_RATIO = 0.01
"""Width of boundary IoU's band as a share of the picture's diagonal. The paper's 0.02 suits objects
of all sizes; a person in front of a webcam is large, so half of it still distinguishes edges."""
CONTOUR_RATIO = 0.008
"""Tolerance of the contour measure as a share of the diagonal, DAVIS 2016's own value."""
STILL_LEVELS = 3.0
"""Largest change of the local mean luma, in 8-bit levels, of an unchanged picture. The mean over
9x9 pixels (640x480) turns sensor noise of 5 levels into changes of 0.8."""


def to_mask(matte: U8) -> Mask:
    """The person in a matte (H, W) of 0..255: everything at least half opaque."""
    return matte >= 128


def jaccard(mask: Mask, truth: Mask) -> float:
    """Intersection over union, ``|A & B| / |A | B|``; two empty masks agree: 1.

    Source: Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object
    Segmentation", CVPR 2016, section 4 (region similarity J). On the person it is the person IoU.
    """
    union = np.count_nonzero(mask | truth)
    return np.count_nonzero(mask & truth) / union if union else 1.0


def mean_iou(mask: Mask, truth: Mask) -> float:
    """mIoU: the mean of the person's and the background's intersection over union.

    Source: Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV
    2015, section 3.2, for two classes.
    """
    return (jaccard(mask, truth) + jaccard(~mask, ~truth)) / 2


def boundary_iou(mask: Mask, truth: Mask, ratio: float = BOUNDARY_RATIO) -> float:
    """Intersection over union of the masks' inner rims, ``|A_d & B_d| / |A_d | B_d|``.

    ``A_d`` is the part that d erosions by 3x3 remove from A, with ``d = max(1, round(ratio *
    diagonal))``; outside of the picture is background, so the picture's edge counts as contour.

    Source: Cheng et al., "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation",
    CVPR 2021, section 4, and the authors' implementation.
    """
    depth = max(1, round(ratio * math.hypot(*mask.shape)))
    return jaccard(_rim(mask, depth), _rim(truth, depth))


def contour_f(mask: Mask, truth: Mask, ratio: float = CONTOUR_RATIO) -> float:
    """Contour accuracy F, ``2 P R / (P + R)``; two empty masks agree: 1.

    P is the share of the mask's contour pixels no farther than ``ceil(ratio * diagonal)`` pixels
    (Euclidean) from a contour pixel of the truth, R the same with the roles exchanged. An empty
    contour has P = 1 and R = 0 against a non-empty one.

    Source: Perazzi et al., CVPR 2016, section 4 (contour accuracy F), and ``db_eval_boundary`` of
    the DAVIS 2016 and 2017 evaluation code.
    """
    reach = math.ceil(ratio * math.hypot(*mask.shape))
    ours, theirs = _contour(mask), _contour(truth)
    if not (ours.any() and theirs.any()):
        return float(ours.any() == theirs.any())
    precision = _share_near(ours, theirs, reach)
    recall = _share_near(theirs, ours, reach)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def still(luma: U8, before: U8) -> Mask:
    """The pixels that are unchanged between two frames.

    With k the odd number nearest to 1 % of the diagonal, a pixel has moved if the mean over k x k
    pixels differs by more than ``STILL_LEVELS``, and so has everything within k/2 of it. So noise
    averages out, and the rim of a moving object does not count as unchanged.

    Args:
        luma: uint8 (H, W), this frame.
        before: uint8 (H, W), the previous frame.
    """
    side = 2 * round(0.01 * math.hypot(*luma.shape) / 2) + 1
    signed = luma.astype(np.float32) - before
    moved = np.abs(cv2.blur(signed, (side, side))) > STILL_LEVELS
    grown = cv2.dilate(moved.view(np.uint8), np.ones((side, side), np.uint8))
    return np.asarray(grown == 0)


class Flicker:
    """Mean absolute change of a matte between frames where the picture is unchanged.

    ``sum |M_t - M_{t-1}| / 255 / n`` over the n pixels of all frames t that are ``still``. Nothing
    in the picture is a reason for this change. In 0..1, smaller is better.
    """

    def __init__(self) -> None:
        self._before: tuple[U8, U8] | None = None
        self._change = 0.0
        self._pixels = 0

    def add(self, matte: U8, luma: U8) -> None:
        """Add the next frame's matte and luma, both uint8 (H, W); they are kept, not copied."""
        if self._before is not None:
            calm = still(luma, self._before[1])
            self._change += float(cv2.absdiff(matte, self._before[0])[calm].sum(dtype=np.int64))
            self._pixels += int(np.count_nonzero(calm))
        self._before = matte, luma

    @property
    def value(self) -> float:
        """The flicker so far; NaN if nothing was unchanged."""
        return self._change / 255 / self._pixels if self._pixels else math.nan


class TemporalError:
    """dtSSD: the difference between a matte's changes over time and the true ones.

    The mean over the frames t of ``sqrt(mean ((M_t - M_{t-1}) - (T_t - T_{t-1}))^2)``, with matte M
    and truth T in 0..1. A flickering matte changes where the truth does not, and a lagging one does
    not change where the truth does: both count. Smaller is better; a matte with the same error in
    every frame has 0.

    Source: Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015, section
    4; we take the mean over the pixels, to make sizes comparable.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._errors: list[float] = []

    def add(self, matte: U8, truth: U8) -> None:
        """Add the next frame's matte and truth, both uint8 (H, W), 0..255."""
        # Both change equally if and only if their difference does not change.
        apart = np.asarray(cv2.subtract(matte, truth, dtype=cv2.CV_32F), np.float32)
        if self._before is not None:
            norm = cv2.norm(apart, self._before, cv2.NORM_L2)
            self._errors.append(norm / 255 / math.sqrt(apart.size))
        self._before = apart

    @property
    def value(self) -> float:
        """The error so far; NaN before the second frame."""
        return float(np.mean(self._errors)) if self._errors else math.nan


def _rim(mask: Mask, depth: int) -> Mask:
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    core = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=depth)
    return np.asarray(mask & (core[1:-1, 1:-1] == 0))


def _contour(mask: Mask) -> Mask:
    """Pixels that differ from their right, lower or lower-right neighbour, inside the picture."""
    right = np.pad(mask, ((0, 0), (0, 1)), "edge")[:, 1:]
    lower = np.pad(mask, ((0, 1), (0, 0)), "edge")[1:]
    corner = np.pad(mask, ((0, 1), (0, 1)), "edge")[1:, 1:]
    return np.asarray((mask != right) | (mask != lower) | (mask != corner))


def _share_near(points: Mask, targets: Mask, reach: int) -> float:
    distance = cv2.distanceTransform((~targets).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near = distance < reach + 1e-3  # the next distance is sqrt(reach^2 + 1), float32 sees that
    return np.count_nonzero(points & near) / np.count_nonzero(points)
