"""The network of MediaPipe's landscape model, for further training of its weights.

A MobileNetV3 of few channels to stride 16, and a decoder in which each level weights the encoder's
channels by the level below. It has no normalizations, so the trained network is the deployed one.

Source: MediaPipe Selfie Segmentation, landscape (Google, 2021, Apache-2.0), whose file
``segcam_models.recover`` reads; Howard et al., "Searching for MobileNetV3", ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from segcam_models.losses import Prediction

Activation = Callable[[Tensor], Tensor]


class Landscape(nn.Module):
    """The landscape model. Its convolutions run in the published file's order."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, 16, 3, stride=2)
        self.fourth = Bottleneck(16, 16, 16, 3, stride=2, attend=8)
        self.eighth = nn.Sequential(
            Bottleneck(16, 72, 24, 3, stride=2),
            Bottleneck(24, 88, 24, 3),
        )
        swish = functional.hardswish
        self.sixteenth = nn.Sequential(
            Bottleneck(24, 96, 32, 5, stride=2, attend=24, activation=swish),
            Bottleneck(32, 128, 32, 5, attend=32, activation=swish),
            Bottleneck(32, 128, 32, 5, attend=32, activation=swish),
            Bottleneck(32, 96, 32, 5, attend=24, activation=swish),
            Bottleneck(32, 96, 32, 5, attend=24, activation=swish),
        )
        self.widen, self.weigh = nn.Conv2d(32, 128, 1), nn.Conv2d(32, 128, 1)
        self.joins = nn.ModuleList((Join(128, 24), Join(24, 16), Join(16, 16)))
        self.head = nn.ConvTranspose2d(16, 1, 2, stride=2)

    def forward(self, picture: Tensor) -> Prediction:
        """Logits of the matte.

        Args:
            picture: (N, 3, H, W), RGB, 0..1, sides in multiples of 16.
        """
        half = functional.hardswish(self.stem(picture))
        fourth = self.fourth(half)
        eighth = self.eighth(fourth)
        deepest = self.sixteenth(eighth)
        x = functional.relu(self.widen(deepest)) * self.weigh(_mean(deepest)).sigmoid()
        for join, skip in zip(self.joins, (eighth, fourth, half), strict=True):
            x = join(x, skip)
        return Prediction(self.head(x))

    def matte(self, picture: Tensor) -> Tensor:
        """The deployed output: the matte (N, 1, H, W), 0..1."""
        return torch.sigmoid(self.forward(picture).logits)


class Convolution(nn.Conv2d):
    """A convolution with a bias and TensorFlow's padding: the odd pixel goes right and below."""

    def __init__(
        self, inputs: int, outputs: int, side: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, side, stride, groups=groups)
        missing = side - stride  # for sides that are multiples of the stride
        before, after = missing // 2, missing - missing // 2
        self._pads = (before, after, before, after)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) to (N, outputs, h/stride, w/stride)."""
        return super().forward(functional.pad(x, self._pads))


class Bottleneck(nn.Module):
    """Widen, filter each channel, weight the channels, narrow; plus the identity.

    Args:
        inputs, inner, outputs: Channels.
        side: Side of the filter.
        stride: Stride of the filter.
        attend: Inner channels of the weighting, 0 for none.
        activation: After widening and filter.
    """

    def __init__(
        self,
        inputs: int,
        inner: int,
        outputs: int,
        side: int,
        *,
        stride: int = 1,
        attend: int = 0,
        activation: Activation = functional.relu,
    ) -> None:
        super().__init__()
        self.widen = nn.Conv2d(inputs, inner, 1)
        self.filter = Convolution(inner, inner, side, stride=stride, groups=inner)
        self.attend = Attend(inner, attend) if attend else None
        self.narrow = nn.Conv2d(inner, outputs, 1)
        self._activation, self._beside = activation, stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) to (N, outputs, h/stride, w/stride)."""
        inner = self._activation(self.filter(self._activation(self.widen(x))))
        if self.attend is not None:
            inner = inner * self.attend(inner)
        out: Tensor = self.narrow(inner)
        return x + out if self._beside else out


class Attend(nn.Module):
    """A weight of 0..1 for each channel, (N, channels, 1, 1), from the means of all channels."""

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.narrow, self.widen = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The weights for (N, channels, h, w)."""
        weights: Tensor = self.widen(functional.relu(self.narrow(_mean(x))))
        return weights.sigmoid()


class Join(nn.Module):
    """A level of the decoder: twice the size, plus the weighted tensor of the encoder.

    Args:
        inputs: Channels of the level below.
        outputs: Channels of the encoder's tensor, and of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.attend = Attend(outputs, outputs)
        self.mix = nn.Conv2d(outputs, outputs, 1)
        self.filter = Convolution(outputs, outputs, 3, groups=outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, inputs, h, w) and (N, outputs, 2h, 2w) to (N, outputs, 2h, 2w)."""
        x = self.narrow(functional.interpolate(x, scale_factor=2, mode="bilinear"))
        x = functional.relu(self.mix(skip * self.attend(skip + x) + x))
        return x + functional.relu(self.filter(x))


def _mean(x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)
