"""From a config to a network."""

from __future__ import annotations

from segcam_models.config import RefinerConfig, SegmenterConfig
from segcam_models.refiner import EdgeRefiner
from segcam_models.segmenter import Segmenter

Network = Segmenter | EdgeRefiner


def build(config: SegmenterConfig | RefinerConfig) -> Network:
    """The untrained network of a config."""
    return Segmenter(config) if isinstance(config, SegmenterConfig) else EdgeRefiner(config)
