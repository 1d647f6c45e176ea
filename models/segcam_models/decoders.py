"""Decoders, which join a tensor to the next higher resolution. The paper's three variants."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from segcam_models.blocks import ConvNorm, SqueezeExcite, even_width
from segcam_models.config import Decoder

MLP_WIDTH = 2
"""Inner channels of the MLP as a multiple of the outer ones."""


class Join(nn.Module):
    """One step up: narrow to the skip's channels, upsample bilinearly, sum with the skip, refine.

    Narrowing before upsampling needs a quarter of the multiplications and gives the same tensor,
    since a 1x1 convolution and an interpolation commute.

    Source: the paper, section 3, decoder designs 1 to 3.

    Args:
        inputs: Channels of the lower resolution.
        skip: Channels of the encoder's tensor.
        kind: The refinement of the sum. ``bilinear``: a non-linearity. ``attention``:
            squeeze-and-excitation, 1x1 convolutions around a 3x3 depthwise one. ``mlp``: 1x1
            convolutions only, without pooling over the picture.
    """

    def __init__(self, inputs: int, skip: int, kind: Decoder) -> None:
        super().__init__()
        self.narrow = ConvNorm(inputs, skip, activation="none")
        self.refine = {"bilinear": _bilinear, "attention": _attention, "mlp": _mlp}[kind](skip)
        self.act = nn.ReLU6()

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, inputs, h, w) and (N, skip, 2h, 2w) to (N, skip, 2h, 2w)."""
        up = functional.interpolate(
            self.narrow(x), scale_factor=2, mode="bilinear", align_corners=False
        )
        joined: Tensor = self.act(self.refine(up + skip))
        return joined


def _bilinear(channels: int) -> nn.Module:  # noqa: ARG001  # the three take the same argument
    return nn.Identity()


def _attention(channels: int) -> nn.Module:
    return nn.Sequential(
        SqueezeExcite(channels, even_width(channels / 4)),
        ConvNorm(channels, channels),
        ConvNorm(channels, channels, 3, groups=channels),
        ConvNorm(channels, channels, activation="none"),
    )


def _mlp(channels: int) -> nn.Module:
    return nn.Sequential(
        ConvNorm(channels, MLP_WIDTH * channels),
        ConvNorm(MLP_WIDTH * channels, channels, activation="none"),
    )
