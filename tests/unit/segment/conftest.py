"""A small model that finds nobody, for the tests that choose a backend."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.model_card import ModelCard
from segcam.segment.probe import PathOf
from segcam.zoo.library import path_for


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return tiny_segmenter(tmp_path / "tiny.tflite")


@pytest.fixture
def path_of(card: ModelCard, tmp_path: Path) -> PathOf:
    return lambda wanted: path_for(card, tmp_path / card.file, wanted)
