"""The edge refiner: from a small model's matte and the picture to a matte of twice the size.

All convolutions work at a quarter of the picture's size and below. Planes of half size, the input
and output, are only added, multiplied and clipped. This suits 4:2:0 pictures: colour has half the
size, and luma is split into four planes of that size. The output matte is four such planes, too;
joining them is a copy.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from segcam_models.blocks import ConvNorm, separable
from segcam_models.config import RefinerConfig
from segcam_models.losses import Prediction

PLANES = 7
"""Four of luma, U, V, the coarse matte: see ``data.views.refiner_input``."""
STEEP = 8.0
"""Range of logits from room to person: the most certain pixels of the coarse matte are 4 or -4."""
LIMIT = 3.0
"""Largest correction, so that certain pixels of the coarse matte stay."""
SLOPE = STEEP / 4
"""Contrast of the deployed matte: the ramp that touches training's sigmoid at one half. Below a
quarter it is room: with less contrast the matte would flicker and show the room."""
CORRECTIONS = 20
"""Corrections per 4x4 pixels: one for each pixel, and a weight of luma for each 2x2."""


class EdgeRefiner(nn.Module):
    """Adds a correction to the coarse matte; untrained, it changes no outline, only the contrast.

    A U-net of separable convolutions at 1/4, 1/8 and 1/16 of the picture. For each square of 4x4
    pixels, its last layer gives 16 corrections, four weights of luma (as in a guided filter, to
    follow the picture's edge) and a gate for all of them: a closed gate keeps the coarse matte.

    Args:
        config: Widths and depths.
    """

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        fourth, eighth, sixteenth = config.channels
        self.detail = ConvNorm(PLANES, fourth, 3, stride=2, activation="relu")
        self.down_eighth = separable(fourth, eighth, stride=2)
        self.eighth = nn.Sequential(*(Residual(eighth) for _ in range(config.depths[0])))
        self.down_sixteenth = separable(eighth, sixteenth, stride=2)
        self.sixteenth = nn.Sequential(*(Residual(sixteenth, 5) for _ in range(config.depths[1])))
        self.up_eighth, self.join_eighth = nn.Conv2d(sixteenth, eighth, 1), Residual(eighth)
        self.up_fourth, self.join_fourth = nn.Conv2d(eighth, fourth, 1), Residual(fourth)
        self.mix = ConvNorm(fourth, fourth, 3, groups=fourth, activation="relu")
        self.correct = nn.Conv2d(fourth, CORRECTIONS + 1, 1)
        for weight in self.correct.parameters():
            nn.init.zeros_(weight)
        self.register_buffer("bilinear", _bilinear_kernels(), persistent=False)

    def forward(self, planes: Tensor) -> Prediction:
        """Logits at full size.

        Args:
            planes: (N, 7, H/2, W/2).
        """
        given = STEEP * (self._given(planes, 1.0) - 0.5)
        logits = given + self._correction(planes, 1.0)
        return Prediction(functional.pixel_shuffle(logits, 2), functional.pixel_shuffle(given, 2))

    def matte(self, planes: Tensor) -> Tensor:
        """The deployed output: the matte, 0..1, as four planes (N, 4, H/2, W/2) in luma's order.

        A ramp instead of the sigmoid is cheaper, and reaches 0 and 1.
        """
        given = self._given(planes, SLOPE)
        return (given + self._correction(planes, SLOPE / STEEP)).clamp(0, 1)

    def _given(self, planes: Tensor, slope: float) -> Tensor:
        """The coarse matte, bilinearly interpolated to the four planes, steeper around one half."""
        coarse = functional.pad(planes[:, PLANES - 1 :], (1, 1, 1, 1), mode="replicate")
        kernels: Tensor = self.get_buffer("bilinear")
        offset = torch.full((4,), 0.5 - 0.5 * slope, device=planes.device)
        return functional.conv2d(coarse, slope * kernels, offset)

    def _correction(self, planes: Tensor, scale: float) -> Tensor:
        """``scale`` times the logits to add, (N, 4, H/2, W/2)."""
        detail = self.detail(planes)
        eighth = self.eighth(self.down_eighth(detail))
        sixteenth = self.sixteenth(self.down_sixteenth(eighth))
        eighth = self.join_eighth(eighth + _double(self.up_eighth(sixteenth)))
        fine = functional.relu(detail + _double(self.up_fourth(eighth)))
        fine = self.correct(self.mix(self.join_fourth(fine)))
        # The scale is applied where one number represents sixteen pixels.
        gate = scale * torch.sigmoid(fine[:, CORRECTIONS:])
        parts = functional.pixel_shuffle(fine[:, :CORRECTIONS] * gate, 2)
        limit = scale * LIMIT
        return (parts[:, :4] + parts[:, 4:] * planes[:, :4]).clamp(-limit, limit)


class Residual(nn.Module):
    """A separable convolution plus the identity."""

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

    New pixels lie a quarter of a pixel from an old one: 3/4 of it, 1/4 of its neighbour.
    """
    before, after = torch.tensor([1.0, 3.0, 0.0]) / 4, torch.tensor([0.0, 3.0, 1.0]) / 4
    pairs = [(rows, columns) for rows in (before, after) for columns in (before, after)]
    return torch.stack([torch.outer(rows, columns) for rows, columns in pairs])[:, None]
