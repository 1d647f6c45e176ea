from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.cards import write_card  # noqa: E402
from segcam_models.config import RefinerConfig, SegmenterConfig  # noqa: E402
from segcam_models.convert import (  # noqa: E402
    write_int8,
    write_openvino,
    write_openvino_int8,
    write_tflite,
)
from segcam_models.export import (  # noqa: E402
    input_shape,
    open_onnx,
    output_shape,
    write_onnx,
)
from segcam_models.matting import published_matting  # noqa: E402
from segcam_models.network import build  # noqa: E402
from segcam_models.parity import parity_of  # noqa: E402

from segcam.model_card import ModelCard, load_card, sha256_of  # noqa: E402
from segcam.zoo.library import cards, find  # noqa: E402

BUNDLED = [find(name) for name, card in cards().items() if not card.wheel]
SMALL = {
    "segmenter": SegmenterConfig(convolution="depthwise", size=(64, 96)),
    "refiner": RefinerConfig(size=(64, 96)),
}


def made(kind: str):
    """A network whose refiner part does something."""
    torch.manual_seed(2)
    config = SMALL[kind]
    network = build(config).eval()
    if kind == "refiner":
        torch.nn.init.normal_(network.correct.weight)
    random = np.random.default_rng(0)
    return network, config, [random.random(input_shape(config), np.float32) for _ in range(3)]


@pytest.mark.parametrize("kind", SMALL)
def test_the_file_computes_what_the_network_does(kind: str, tmp_path: Path):
    network, config, inputs = made(kind)
    write_onnx(network, config, tmp_path / "model.onnx")
    parity = parity_of(tmp_path / "model.onnx", network, inputs)
    assert parity.pictures == 3
    assert parity.largest < 1e-4


@pytest.mark.parametrize("kind", SMALL)
def test_weights_as_fp16_halve_the_file_and_keep_the_matte(kind: str, tmp_path: Path):
    network, config, inputs = made(kind)
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    write_onnx(network, config, whole)
    write_onnx(network, config, half, half=True)
    parity = parity_of(half, network, inputs)
    assert 0 < parity.mean <= parity.largest < 0.02
    assert half.stat().st_size < 0.75 * whole.stat().st_size
    assert open_onnx(half)(inputs[0]).dtype == np.float32


@pytest.mark.parametrize("kind", SMALL)
def test_int8_stays_near_the_network(kind: str, tmp_path: Path):
    network, config, inputs = made(kind)
    source, quantized = tmp_path / "model.onnx", tmp_path / "int8.onnx"
    write_onnx(network, config, source)
    write_int8(source, quantized, inputs)
    parity = parity_of(quantized, network, inputs)
    assert 0 < parity.mean < 0.05
    kinds = {node.op_type for node in onnx.load(quantized).graph.node}
    assert "QuantizeLinear" in kinds
    weights = onnx.load(quantized).graph.initializer
    stored = [weight.data_type for weight in weights if len(weight.dims) == 4]
    assert stored.count(onnx.TensorProto.INT8) > 0.8 * len(stored)


@pytest.mark.parametrize("kind", SMALL)
def test_openvino_computes_what_the_network_does(kind: str, tmp_path: Path):
    network, config, inputs = made(kind)
    write_onnx(network, config, tmp_path / "model.onnx")
    write_openvino(tmp_path / "model.onnx", tmp_path / "model.xml")
    assert parity_of(tmp_path / "model.xml", network, inputs).largest < 0.02  # fp16


@pytest.mark.parametrize("kind", SMALL)
def test_openvino_in_int8_stays_near_the_network(kind: str, tmp_path: Path):
    pytest.importorskip("nncf", reason="needs the extra 'export'")
    network, config, inputs = made(kind)
    write_onnx(network, config, tmp_path / "model.onnx")
    write_openvino_int8(tmp_path / "model.onnx", tmp_path / "int8.xml", inputs)
    parity = parity_of(tmp_path / "int8.xml", network, inputs)
    assert 0 < parity.mean < 0.05


@pytest.mark.parametrize("kind", SMALL)
def test_tflite_computes_what_the_network_does(kind: str, tmp_path: Path):
    pytest.importorskip("litert_torch", reason="needs the extra 'export'")
    network, config, inputs = made(kind)
    write_tflite(network, config, tmp_path / "model.tflite")
    assert parity_of(tmp_path / "model.tflite", network, inputs).largest < 1e-3


@pytest.mark.parametrize("kind", SMALL)
def test_the_card_is_one_the_daemon_reads(kind: str, tmp_path: Path):
    network, config, _ = made(kind)
    file = tmp_path / "model.onnx"
    write_onnx(network, config, file)
    card = load_card(write_card(file, config, 'A "title"', "trained on nothing", {"miou": 0.5}))
    assert card.role == kind
    assert card.title == 'A "title"'
    assert card.sha256 == sha256_of(file)
    assert (card.input.shape, card.output.shape) == (input_shape(config), output_shape(config))
    assert dict(card.metrics) == {"miou": 0.5}
    assert open_onnx(file)(np.zeros(card.input.shape, np.float32)).shape == card.output.shape


@pytest.mark.parametrize("kind", SMALL)
def test_a_published_model_mattes_a_picture_of_any_size(kind: str, tmp_path: Path):
    network, config, _ = made(kind)
    write_onnx(network, config, tmp_path / "model.onnx")
    card = write_card(tmp_path / "model.onnx", config, "Drawn", "tests", {})
    matting = published_matting(card, lambda image: np.full((36, 64), 0.75, np.float32))
    matte = matting(np.full((90, 120, 3), 128, np.uint8))
    assert matte.shape == (90, 120)
    assert matte.dtype == np.uint8


def test_a_refiner_needs_something_to_refine(tmp_path: Path):
    network, config, _ = made("refiner")
    write_onnx(network, config, tmp_path / "model.onnx")
    with pytest.raises(ValueError, match="--coarse"):
        published_matting(write_card(tmp_path / "model.onnx", config, "Drawn", "tests", {}), None)


@pytest.mark.parametrize(("card", "file"), BUNDLED, ids=[card.name for card, _ in BUNDLED])
def test_committed_weights_are_what_their_card_says(card: ModelCard, file: Path):
    assert sha256_of(file) == card.sha256
    said = dict(card.metrics)
    assert said["parity_largest_difference"] < 0.05
    assert said["parity_mean_difference"] < 0.001
    assert {"seed", "command", "steps"} <= said.keys()
    matte = open_onnx(file)(np.zeros(card.input.shape, np.float32))
    assert matte.shape == card.output.shape
    assert np.isfinite(matte).all()


def test_committed_weights_stay_small():
    assert 0 < sum(file.stat().st_size for _, file in BUNDLED) <= 12e6
