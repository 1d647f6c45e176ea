"""Encoders: a picture in, one tensor per resolution out, from stride 2 to stride 32."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from segcam_models.blocks import Activation, ConvNorm, Convolution, SqueezeExcite, even_width
from segcam_models.config import SegmenterConfig


@dataclass(frozen=True, slots=True)
class Stage:
    """Inverted residual bottlenecks of one resolution.

    Attributes:
        channels: At width 1.0.
        blocks: Number of blocks; the first one has the stride.
        expand: Inner channels as a multiple of the block's input.
        side: Side of the inner convolution's kernel.
        groups: Number of groups of an inner group convolution. The number is fixed, not their
            width, so that a wider network has wider groups and its cost grows with the square of
            the multiplier, as in the paper's Table 1.
        stride: 1 or 2.
        attention: Squeeze-and-excitation inside the blocks.
        activation: Activation of the blocks.
    """

    channels: int
    blocks: int
    expand: int
    side: int
    groups: int
    stride: int = 2
    attention: bool = False
    activation: Activation = "relu6"


STEM = 16
"""Channels at stride 2, width 1.0."""

EFFNETLITE = (
    Stage(16, 1, 1, 3, 8, stride=1),
    Stage(24, 2, 6, 3, 16),
    Stage(40, 3, 6, 5, 16),
    Stage(72, 3, 6, 3, 4),
    Stage(128, 4, 6, 3, 8),
)
"""EfficientNet-Lite's plan (no squeeze-and-excitation, ReLU6), one stage per resolution.

The paper has no layer table. Depths, widths and groups are chosen to match the costs in its Table
1; ``make ablation`` shows how well. Source: Tan and Le, ICML 2019; the Lite variants of the
TensorFlow TPU repository, 2020.
"""

MOBILENETV3 = (
    Stage(16, 1, 1, 3, 8, stride=1, activation="relu"),
    Stage(24, 2, 6, 3, 16, activation="relu"),
    Stage(40, 3, 6, 5, 16, attention=True, activation="relu"),
    Stage(72, 3, 6, 3, 4, activation="hardswish"),
    Stage(128, 4, 6, 3, 8, attention=True, activation="hardswish"),
)
"""MobileNetV3's plan, the paper's baseline: squeeze-and-excitation and h-swish in the same places.
The widths are EFFNETLITE's, so that the two plans differ in nothing else. Source: Howard et al.,
"Searching for MobileNetV3", ICCV 2019, section 5.
"""

_PLANS = {"effnetlite": EFFNETLITE, "mobilenetv3": MOBILENETV3}


class InvertedResidual(nn.Module):
    """Widen by 1x1, filter by depthwise or group convolution, narrow by 1x1.

    Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018;
    group convolution instead of the depthwise one: the paper, section 3.
    """

    def __init__(
        self, inputs: int, outputs: int, stride: int, stage: Stage, convolution: Convolution
    ) -> None:
        super().__init__()
        inner = inputs * stage.expand
        groups = inner if convolution == "depthwise" else stage.groups
        act = stage.activation
        layers: list[nn.Module] = []
        if stage.expand > 1:
            layers.append(ConvNorm(inputs, inner, activation=act))
        layers.append(ConvNorm(inner, inner, stage.side, stride, groups=groups, activation=act))
        if stage.attention:
            layers.append(SqueezeExcite(inner, even_width(inner / 4)))
        layers.append(ConvNorm(inner, outputs, activation="none"))
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.body(x)
        return x + y if self.residual else y


class Encoder(nn.Module):
    """Stem and stages of a config.

    Attributes:
        channels: Channels of the tensors that ``forward`` returns.
    """

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        plan = _PLANS[config.encoder]
        width = even_width(STEM * config.width)
        self.stem = ConvNorm(3, width, 3, stride=2, activation=plan[0].activation)
        self.channels = tuple(even_width(stage.channels * config.width) for stage in plan)
        stages, inputs = [], width
        for stage, outputs in zip(plan, self.channels, strict=True):
            stages.append(_stage(inputs, outputs, stage, config.convolution))
            inputs = outputs
        self.stages = nn.ModuleList(stages)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """Tensors at strides 2, 4, 8, 16 and 32 of a picture (N, 3, H, W)."""
        tensors, x = [], self.stem(picture)
        for stage in self.stages:
            x = stage(x)
            tensors.append(x)
        return tensors


def _stage(inputs: int, outputs: int, stage: Stage, convolution: Convolution) -> nn.Sequential:
    first = InvertedResidual(inputs, outputs, stage.stride, stage, convolution)
    rest = (
        InvertedResidual(outputs, outputs, 1, stage, convolution) for _ in range(stage.blocks - 1)
    )
    return nn.Sequential(first, *rest)
