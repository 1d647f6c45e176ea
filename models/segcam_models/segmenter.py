"""The paper's segmentation network: encoder to stride 32, coarse matte, decoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from segcam_models.blocks import ConvNorm, SqueezeExcite, even_width
from segcam_models.config import SegmenterConfig
from segcam_models.decoders import Join
from segcam_models.encoders import Encoder
from segcam_models.losses import Prediction


class CoarseBottleneck(nn.Module):
    """A bottleneck with channel attention at stride 32, which predicts the coarse matte.

    Global pooling is cheap here, since the tensor is small, and gives every position context from
    the whole picture. The coarse matte has its own loss and is fed back into the features.

    Source: the paper, section 3 and Figure 2, left.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = even_width(channels / 2)
        self.narrow = ConvNorm(channels, inner)
        self.filter = ConvNorm(inner, inner, 3, groups=inner)
        self.attend = SqueezeExcite(inner, even_width(inner / 4))
        self.widen = ConvNorm(inner, channels, activation="none")
        self.predict = nn.Conv2d(channels, 1, 1)
        self.inform = nn.Conv2d(1, channels, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, channels, h, w) to features of that shape and coarse logits (N, 1, h, w)."""
        x = x + self.widen(self.attend(self.filter(self.narrow(x))))
        coarse: Tensor = self.predict(x)
        return x + self.inform(coarse), coarse


class Segmenter(nn.Module):
    """A member of the family.

    Args:
        config: Describes the member.
    """

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        channels = self.encoder.channels
        self.bottleneck = CoarseBottleneck(channels[-1])
        lower, higher = channels[:0:-1], channels[-2::-1]
        self.joins = nn.ModuleList(
            Join(inputs, skip, config.decoder) for inputs, skip in zip(lower, higher, strict=True)
        )
        self.head = nn.ConvTranspose2d(channels[0], 1, 2, stride=2)

    def forward(self, picture: Tensor) -> Prediction:
        """Logits of the matte and of the coarse matte.

        Args:
            picture: (N, 3, H, W), RGB, 0..1, sides in multiples of 32.
        """
        *skips, deepest = self.encoder(picture)
        x, coarse = self.bottleneck(deepest)
        for join, skip in zip(self.joins, reversed(skips), strict=True):
            x = join(x, skip)
        return Prediction(self.head(x), coarse)

    def matte(self, picture: Tensor) -> Tensor:
        """The deployed output: the matte (N, 1, H, W), 0..1."""
        return torch.sigmoid(self.forward(picture).logits)
