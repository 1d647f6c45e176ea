"""Builds a network from a config."""

from __future__ import annotations

from segcam_models.config import LandscapeConfig, ModelConfig, RefinerConfig
from segcam_models.landscape import Landscape
from segcam_models.refiner import EdgeRefiner
from segcam_models.segmenter import Segmenter

Network = Segmenter | Landscape | EdgeRefiner


def build(config: ModelConfig) -> Network:
    """The untrained network of a config."""
    if isinstance(config, RefinerConfig):
        return EdgeRefiner(config)
    return Landscape() if isinstance(config, LandscapeConfig) else Segmenter(config)
