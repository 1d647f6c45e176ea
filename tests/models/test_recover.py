from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.config import (  # noqa: E402
    LandscapeConfig,
    ModelConfig,
    RefinerConfig,
    SegmenterConfig,
)
from segcam_models.export import input_shape, write_onnx  # noqa: E402
from segcam_models.network import build  # noqa: E402
from segcam_models.recover import recover  # noqa: E402

KINDS: list[ModelConfig] = [
    SegmenterConfig(convolution="depthwise", size=(64, 96)),
    RefinerConfig(size=(64, 96)),
    LandscapeConfig(size=(64, 96)),
]


def trained(config: ModelConfig, seed: int):
    """A network with weights and statistics of its own."""
    torch.manual_seed(seed)
    network = build(config)
    if isinstance(config, RefinerConfig):
        torch.nn.init.normal_(network.correct.weight)
    for _ in range(3):
        network(torch.rand(4, *input_shape(config)[1:]))
    return network.eval()


@pytest.mark.parametrize("config", KINDS, ids=["segmenter", "refiner", "landscape"])
@torch.no_grad()
def test_a_recovered_network_computes_what_the_file_does(config: ModelConfig, tmp_path: Path):
    published, recovered = trained(config, seed=1), trained(config, seed=2)
    write_onnx(published, config, tmp_path / "model.onnx", half=True)
    recover(tmp_path / "model.onnx", recovered, torch.rand(8, *input_shape(config)[1:]))
    picture = torch.rand(input_shape(config))
    torch.testing.assert_close(
        recovered.matte(picture), published.matte(picture), atol=0.01, rtol=0
    )
    # In training, too, where the statistics are those of the batch.
    batch = torch.rand(8, *input_shape(config)[1:])
    learning = recovered.train()(batch).logits
    apart = (learning - published(batch).logits).abs().mean()
    assert apart < 0.1 * published(batch).logits.std()


@torch.no_grad()
def test_a_file_of_another_model_is_refused(tmp_path: Path):
    write_onnx(trained(KINDS[0], seed=1), KINDS[0], tmp_path / "model.onnx")
    with pytest.raises(ValueError, match="another model"):
        recover(tmp_path / "model.onnx", trained(KINDS[1], seed=1), torch.rand(2, 7, 32, 48))
