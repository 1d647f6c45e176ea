"""Scores of a network on pictures that it was not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segcam_models.metrics import Mask, boundary_iou, contour_f, mean_iou


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over pictures, each 0..1.

    Attributes:
        miou: Mean of the person's and the room's intersection over union.
        boundary: Boundary IoU.
        contour: F of the contour.
        pictures: Their number.
    """

    miou: float
    boundary: float
    contour: float
    pictures: int

    @property
    def mean(self) -> float:
        """A single number for comparison."""
        return (self.miou + self.boundary + self.contour) / 3


def score(pairs: Iterable[tuple[Mask, Mask]]) -> Scores:
    """Compare masks with the truth.

    Args:
        pairs: Mask and truth, bool (H, W) each; at least one pair.
    """
    rows = [
        (mean_iou(mask, truth), boundary_iou(mask, truth), contour_f(mask, truth))
        for mask, truth in pairs
    ]
    means = np.mean(rows, axis=0)
    return Scores(float(means[0]), float(means[1]), float(means[2]), len(rows))


def validate(
    network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> Scores:
    """Score a network in evaluation mode on batches of inputs and targets."""
    return score(_pairs(network, batches, device))


@torch.no_grad()
def _pairs(
    network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], device: torch.device
) -> Iterable[tuple[Mask, Mask]]:
    for inputs, targets in batches:
        logits = network(inputs.to(device)).logits.cpu().numpy()
        yield from zip(_masks(logits, 0.0), _masks(targets.numpy(), 0.5), strict=True)


def _masks(values: NDArray[np.float32], threshold: float) -> Iterable[Mask]:
    return (picture[0] >= threshold for picture in values)
