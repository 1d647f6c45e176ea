"""The converter for TensorFlow.js models, on one with all kinds of operators."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.tiny_tfjs import HALF, SIZE, answer, tiny_graph, tiny_package

from segcam.errors import ModelCorrupt, ModelMismatch
from segcam.frame import F32
from segcam.model_card import ModelCard
from segcam.segment.memory import Tensors
from segcam.segment.registry import create
from segcam.zoo.tfjs.convert import for_card


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return tiny_package(tmp_path)[1]


@pytest.fixture
def pictures() -> list[F32]:
    rng = np.random.default_rng(5)
    return [rng.random((*SIZE, 3), np.float32) for _ in range(3)]


@pytest.mark.parametrize("name", ["onnxruntime-cpu", "openvino-cpu"])
def test_mattes_are_those_calculated_by_hand(
    name: str, card: ModelCard, tmp_path: Path, pictures: list[F32]
) -> None:
    graph = tiny_graph()
    path = tmp_path / card.file
    path.write_bytes(for_card(card, *graph.files()))
    backend = create(name)
    tensors = backend.load(card, path, Tensors(card))
    state: F32 = np.zeros((*HALF[2:], HALF[1]), np.float32)
    for picture in pictures:
        tensors.input[0] = picture.transpose(2, 0, 1)
        backend.run()
        matte, state = answer(graph, picture, state)
        assert matte.std() > 1e-3
        assert np.abs(tensors.output[0, 0] - matte).max() < 1e-5
    backend.close()


def test_the_same_model_gives_the_same_file(card: ModelCard) -> None:
    assert for_card(card, *tiny_graph().files()) == for_card(card, *tiny_graph().files())


def test_an_unknown_operator_is_named(card: ModelCard) -> None:
    graph = tiny_graph()
    graph.nodes = [n for n in graph.nodes if n["name"] != "squashed"]
    graph.node("squashed", "Softplus", "matte")
    with pytest.raises(ModelMismatch, match="it uses Softplus"):
        for_card(card, *graph.files())


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("matte", {"fused_ops": {"list": {"s": ["UHJlbHU="]}}}),
        ("matte", {"dilations": {"list": {"i": ["1", "2", "2", "1"]}}}),
        ("large", {"half_pixel_centers": {"b": False}}),
        ("mean", {"keep_dims": {"b": False}}),
    ],
)
def test_a_use_of_an_operator_without_a_rule_is_refused(
    card: ModelCard, name: str, fields: dict[str, object]
) -> None:
    graph = tiny_graph()
    next(n for n in graph.nodes if n["name"] == name)["attr"].update(fields)
    with pytest.raises(ModelMismatch, match="cannot be converted"):
        for_card(card, *graph.files())


def test_reordered_pixels_without_a_convolution_are_refused(card: ModelCard) -> None:
    graph = tiny_graph()
    graph.nodes = [n for n in graph.nodes if n["name"] != "x2"]
    graph.node("x2", "Relu6", "spread")
    with pytest.raises(ModelMismatch, match="zeros around something else"):
        for_card(card, *graph.files())


@pytest.mark.parametrize("state", ["r2o", "Identity_1"])
def test_a_card_with_other_names_is_refused(card: ModelCard, state: str) -> None:
    wrong = replace(card, state=(replace(card.state[0], output=state),))
    with pytest.raises(ModelCorrupt, match="contradicts itself"):
        for_card(wrong, *tiny_graph().files())


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        (b"", b""),
        (b"[]", b""),
        (b"{}", b""),
        (tiny_graph().files()[0], b""),
        (tiny_graph().files()[0], tiny_graph().files()[1] + b"more"),
    ],
    ids=["empty", "a list", "nothing", "no weights", "too many weights"],
)
def test_a_file_that_is_no_model_is_refused(card: ModelCard, model: bytes, weights: bytes) -> None:
    with pytest.raises(ModelCorrupt, match="contradicts itself"):
        for_card(card, model, weights)


def test_a_graph_in_a_circle_is_refused(card: ModelCard) -> None:
    graph = tiny_graph()
    next(n for n in graph.nodes if n["name"] == "x1")["input"][0] = "after"
    with pytest.raises(ModelCorrupt, match="needs itself"):
        for_card(card, *graph.files())
