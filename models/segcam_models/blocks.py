"""Layers that encoders, decoders and the refiner share."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

from torch import Tensor, nn

Convolution = Literal["depthwise", "group"]
Activation = Literal["relu", "relu6", "hardswish", "none"]

_ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hardswish": nn.Hardswish,
    "none": nn.Identity,
}


def even_width(channels: float) -> int:
    """The nearest multiple of 8, at least 8: the vector width of processors and NPUs."""
    return max(8, int(channels + 4) // 8 * 8)


class ConvNorm(nn.Sequential):
    """Convolution, batch normalization, non-linearity; the export folds the first two into one."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        side: int = 1,
        stride: int = 1,
        *,
        groups: int = 1,
        activation: Activation = "relu6",
    ) -> None:
        conv = nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False)
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv, norm=nn.BatchNorm2d(outputs))
        if activation != "none":
            layers["act"] = _ACTIVATIONS[activation]()
        super().__init__(layers)


class SqueezeExcite(nn.Module):
    """Channel attention: scales each channel by a function of the means of all channels.

    Source: Hu, Shen and Sun, "Squeeze-and-Excitation Networks", CVPR 2018; the hard sigmoid is
    MobileNetV3's.

    Args:
        channels: Channels of the tensor.
        squeeze: Inner channels.
    """

    def __init__(self, channels: int, squeeze: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.act = nn.ReLU()
        self.excite = nn.Conv2d(squeeze, channels, 1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """Scale the channels of (N, C, H, W)."""
        scale: Tensor = self.gate(self.excite(self.act(self.squeeze(self.pool(x)))))
        return x * scale


def separable(channels: int, outputs: int, side: int = 3, stride: int = 1) -> nn.Sequential:
    """Depthwise, then pointwise convolution, as in MobileNet; ReLU only after the first."""
    return nn.Sequential(
        ConvNorm(channels, channels, side, stride, groups=channels, activation="relu"),
        ConvNorm(channels, outputs, activation="none"),
    )
