"""Averaged weights, which are better and more stable than those of a single step."""

from __future__ import annotations

import copy

import torch

from segcam_models.network import Network


class Average:
    """An exponential moving average of a network's weights and statistics.

    Source: Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; the
    exponential form and its shorter memory in the first steps as in TensorFlow's
    ``ExponentialMovingAverage``.

    Args:
        network: Copied.
        keep: Share of the average that is kept at each step.

    Attributes:
        network: The copy with the averaged weights, in evaluation mode.
    """

    def __init__(self, network: Network, keep: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._keep = keep

    @torch.no_grad()
    def update(self, network: Network, step: int) -> None:
        """Take in the weights after ``step``, counted from 0."""
        keep = min(self._keep, (1 + step) / (10 + step))
        news = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                value.lerp_(news[name], 1 - keep)
            else:
                value.copy_(news[name])
