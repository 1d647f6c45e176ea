"""Counts the cost of a network from its layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

OPS_PER_MULTIPLY_ADD = 2
"""A multiply-add counts as two operations, as in an NPU's TOPS. With this count, hundreds of plans
in a grid of EfficientNet-Lite variants match the paper's Table 1; with one, none."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost for one picture.

    Attributes:
        megabytes: Weights as fp16, in 10^6 bytes, batch normalization folded into the convolutions.
        giga_ops: 10^9 operations of all convolutions; additions, activations and interpolations
            are not counted.
    """

    megabytes: float
    giga_ops: float


def costs_of(network: nn.Module, inputs: tuple[int, int, int]) -> Costs:
    """Count a network's costs.

    Args:
        network: Made of convolutions; on the device "meta" it is counted without computing. Left in
            evaluation mode.
        inputs: (C, H, W) of its input.
    """
    counts: list[int] = []
    weights = 0
    hooks = []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            weights += layer.weight.numel() + layer.out_channels
            hooks.append(layer.register_forward_hook(lambda *call: counts.append(_count(*call))))
    with torch.no_grad():
        network.eval()(torch.zeros(1, *inputs, device=next(network.parameters()).device))
    for hook in hooks:
        hook.remove()
    return Costs(weights * 2 / 1e6, sum(counts) * OPS_PER_MULTIPLY_ADD / 1e9)


def _count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> int:
    """Multiply-adds: each weight is used at each output position, or at each transposed input's."""
    assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    places = output if isinstance(layer, nn.Conv2d) else inputs[0]
    height, width = places.shape[2:]
    return layer.weight.numel() * int(height) * int(width)
