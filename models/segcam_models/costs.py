"""What a network costs, counted from its layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

OPS_PER_MULTIPLY_ADD = 2
"""A multiplication and an addition are two operations, as in an NPU's TOPS. Of a grid of
plans of the EfficientNet-Lite kind, hundreds meet the paper's Table 1 so; counted as one, none."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one picture.

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
        network: Of convolutions; on the device "meta" it is counted without being computed. Left in
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
    """Multiply-adds: every weight meets every place of the output, or of a transposed input."""
    assert isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    places = output if isinstance(layer, nn.Conv2d) else inputs[0]
    height, width = places.shape[2:]
    return layer.weight.numel() * int(height) * int(width)
