from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.tiny_tflite import tiny_segmenter

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.config import LandscapeConfig  # noqa: E402
from segcam_models.landscape import Landscape  # noqa: E402
from segcam_models.network import build  # noqa: E402
from segcam_models.parity import parity_of  # noqa: E402
from segcam_models.recover import recover  # noqa: E402
from segcam_models.tflite import write_like  # noqa: E402

from segcam.zoo.convert import to_onnx  # noqa: E402
from segcam.zoo.library import find  # noqa: E402

CONFIG = LandscapeConfig()


@pytest.fixture(scope="module")
def published() -> Path:
    path = find("selfie-landscape")[1]
    if not path.exists():
        pytest.skip("run: segcam models get selfie-landscape")
    return path


@pytest.fixture
def network(published: Path, tmp_path: Path) -> Landscape:
    """With the published file's weights."""
    (tmp_path / "published.onnx").write_bytes(to_onnx(published))
    network = build(CONFIG).eval()
    assert isinstance(network, Landscape)
    recover(tmp_path / "published.onnx", network, torch.rand(1, 3, *CONFIG.size))
    return network


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    rough = rng.random((3, 1, 3, 9, 16), np.float32)
    return [
        torch.nn.functional.interpolate(torch.from_numpy(r), CONFIG.size).numpy() for r in rough
    ]


def test_with_the_published_weights_it_computes_what_the_published_file_does(
    published: Path, network: Landscape
):
    assert parity_of(published, network, pictures()).largest < 1e-4


@torch.no_grad()
def test_what_was_trained_is_written_as_the_same_graph_with_other_weights(
    published: Path, network: Landscape, tmp_path: Path
):
    for weights in network.parameters():
        weights.mul_(1 + 0.1 * torch.rand_like(weights))
        weights.copy_(weights.half())
    write_like(published, network, tmp_path / "trained.tflite")
    assert parity_of(published, network, pictures()).largest > 1e-2
    assert parity_of(tmp_path / "trained.tflite", network, pictures()).mean < 1e-5
    (tmp_path / "trained.onnx").write_bytes(to_onnx(tmp_path / "trained.tflite"))
    again = build(CONFIG).eval()
    recover(tmp_path / "trained.onnx", again, torch.rand(1, 3, *CONFIG.size))
    assert all(map(torch.equal, network.parameters(), again.parameters()))


@torch.no_grad()
def test_weights_part_of_the_way_are_written(published: Path, network: Landscape, tmp_path: Path):
    first = [weights.clone() for weights in network.parameters()]
    for weights in network.parameters():
        weights.add_(1)
    write_like(published, network, tmp_path / "trained.tflite", share=0.25)
    (tmp_path / "trained.onnx").write_bytes(to_onnx(tmp_path / "trained.tflite"))
    recover(tmp_path / "trained.onnx", network, torch.rand(1, 3, *CONFIG.size))
    for before, after in zip(first, network.parameters(), strict=True):
        torch.testing.assert_close(after, before + 0.25, atol=2e-3, rtol=2e-3)


def test_another_models_file_is_refused(network: Landscape, tmp_path: Path):
    tiny_segmenter(tmp_path / "tiny.tflite")
    with pytest.raises(ValueError, match="another model"):
        write_like(tmp_path / "tiny.tflite", network, tmp_path / "trained.tflite")


def test_sides_are_in_multiples_of_16():
    with pytest.raises(ValueError, match="multiples of 16"):
        LandscapeConfig(size=(150, 256))
