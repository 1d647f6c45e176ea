"""The edge refiner: a small model's matte and the picture in, a matte of twice its size out.

Nothing in it is larger than half the picture. 4:2:0 pictures come that way: colour has half the
size, and luma is cut into four planes of that size. The matte leaves as four such planes, too;
putting them together is a copy. On a CPU a convolution at full size, or rearranging inside the
network, costs more than all of the rest.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from segcam_models.blocks import ConvNorm, separable
from segcam_models.config import RefinerConfig
from segcam_models.losses import Prediction

PLANES = 7
"""Four of luma, U, V, the coarse matte: ``data.views.refiner_input`` lays them out."""
SURE = 0.02
"""The coarse matte is taken for no surer than this, or its logit could not be overruled."""
HAZE = 2 * SURE
"""Opacity that is none: a room at 2 % shows through a replaced background."""


class EdgeRefiner(nn.Module):
    """Adds a correction to the logit of the coarse matte; untrained, it changes nothing.

    A U-net of separable convolutions at 1/2, 1/4, 1/8 and 1/16 of the picture. Its last layer gives
    four corrections, one for each pixel of a 2x2 square, and a gate for all four: where it sees no
    reason for a change, one shut gate keeps the coarse matte.

    Args:
        config: Widths and depths.
    """

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        fine, fourth, eighth, sixteenth = config.channels
        self.detail = ConvNorm(PLANES, fine, 3, activation="relu")
        self.stem = ConvNorm(fine, fourth, 3, stride=2, activation="relu")
        self.fourth = Residual(fourth)
        self.down_eighth = separable(fourth, eighth, stride=2)
        self.eighth = nn.Sequential(*(Residual(eighth) for _ in range(config.depths[0])))
        self.down_sixteenth = separable(eighth, sixteenth, stride=2)
        self.sixteenth = nn.Sequential(*(Residual(sixteenth, 5) for _ in range(config.depths[1])))
        self.up_eighth, self.join_eighth = nn.Conv2d(sixteenth, eighth, 1), Residual(eighth)
        self.up_fourth, self.join_fourth = nn.Conv2d(eighth, fourth, 1), Residual(fourth)
        self.up_fine = nn.Conv2d(fourth, fine, 1)
        self.mix = ConvNorm(fine, fine, 3, groups=fine, activation="relu")
        self.correct = nn.Conv2d(fine, 5, 1)
        for weight in self.correct.parameters():
            nn.init.zeros_(weight)
        self.register_buffer("bilinear", _bilinear_kernels(), persistent=False)

    def forward(self, planes: Tensor) -> Prediction:
        """Logits at full size.

        Args:
            planes: (N, 7, H/2, W/2).
        """
        given = self._given(planes)
        logits = given + self._correction(planes)
        return Prediction(functional.pixel_shuffle(logits, 2), functional.pixel_shuffle(given, 2))

    def matte(self, planes: Tensor) -> Tensor:
        """What is deployed: the matte, 0..1, as four planes (N, 4, H/2, W/2) in luma's order.

        Stretched about one half, so that what nobody doubted is fully person or room again.
        """
        unsure = torch.sigmoid(self._given(planes) + self._correction(planes))
        return ((unsure - HAZE) / (1 - 2 * HAZE)).clamp(0, 1)

    def _given(self, planes: Tensor) -> Tensor:
        """The coarse matte's logit, bilinearly interpolated to the four planes."""
        coarse = planes[:, PLANES - 1 :].clamp(SURE, 1 - SURE)
        logit = torch.log(coarse / (1 - coarse))
        kernels: Tensor = self.get_buffer("bilinear")
        return functional.conv2d(functional.pad(logit, (1, 1, 1, 1), mode="replicate"), kernels)

    def _correction(self, planes: Tensor) -> Tensor:
        detail = self.detail(planes)
        fourth = self.fourth(self.stem(detail))
        eighth = self.eighth(self.down_eighth(fourth))
        sixteenth = self.sixteenth(self.down_sixteenth(eighth))
        eighth = self.join_eighth(eighth + _double(self.up_eighth(sixteenth)))
        fourth = self.join_fourth(fourth + _double(self.up_fourth(eighth)))
        # A 1x1 convolution and an interpolation commute. This one comes last, though it is larger
        # so: runtimes add and rectify in a convolution's own loop, and memory is what is short.
        fine = self.up_fine(_double(fourth))
        fine = self.correct(self.mix(functional.relu(detail + fine)))
        corrections, gate = fine[:, :4], fine[:, 4:]
        return torch.mul(corrections, torch.sigmoid(gate))


class Residual(nn.Module):
    """A separable convolution beside the identity."""

    def __init__(self, channels: int, side: int = 3) -> None:
        super().__init__()
        self.body = separable(channels, channels, side)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as ``x``."""
        change: Tensor = self.body(x)
        return x + change


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def _bilinear_kernels() -> Tensor:
    """Kernels (4, 1, 3, 3): bilinear interpolation to twice the size, one for each new pixel.

    The new pixels lie a quarter of a pixel off the old one: 3/4 of it, 1/4 of its neighbour.
    """
    before, after = torch.tensor([1.0, 3.0, 0.0]) / 4, torch.tensor([0.0, 3.0, 1.0]) / 4
    pairs = [(rows, columns) for rows in (before, after) for columns in (before, after)]
    return torch.stack([torch.outer(rows, columns) for rows, columns in pairs])[:, None]
