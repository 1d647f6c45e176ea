from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models import ablation  # noqa: E402
from segcam_models.ablation import FINAL, TABLE_1, Row, costs, table_of  # noqa: E402
from segcam_models.blocks import Convolution  # noqa: E402
from segcam_models.config import (  # noqa: E402
    Decoder,
    Encoder,
    SegmenterConfig,
    load_recipe,
    recipe_of,
)
from segcam_models.segmenter import Segmenter  # noqa: E402

CONFIGS = Path(__file__).parents[2] / "models" / "configs"
ASTERISK = {row.category: row for row in TABLE_1 if row.name.endswith("*")}


def test_the_final_choice_costs_what_the_paper_says():
    ours = costs(FINAL)
    assert ours.megabytes == pytest.approx(8.7, rel=0.05)
    assert ours.giga_ops == pytest.approx(7.6, rel=0.05)


@pytest.mark.parametrize("row", TABLE_1, ids=lambda row: f"{row.category}-{row.name}")
def test_costs_relate_as_in_the_paper(row: Row):
    chosen = ASTERISK[row.category]
    ours, base = costs(row.config), costs(chosen.config)
    size, operations = row.megabytes / chosen.megabytes, row.giga_ops / chosen.giga_ops
    assert ours.megabytes / base.megabytes == pytest.approx(size, rel=0.1)
    assert ours.giga_ops / base.giga_ops == pytest.approx(operations, rel=0.1)


def test_decoders_cost_in_the_papers_order():
    operations = [costs(row.config).giga_ops for row in TABLE_1 if row.category == "Decoder"]
    assert operations == sorted(operations)


def test_the_table_has_a_line_for_each_of_the_papers():
    table = table_of({FINAL: 91.234}, backends=())
    assert table.row_count == 12
    assert "91.23" in tuple(table.columns[-2].cells)


def test_npus_have_a_column_where_their_compiler_is(monkeypatch, tmp_path):
    sizes = []

    def estimate_us(compiler, model, generation):
        assert compiler == tmp_path
        sizes.append(model.stat().st_size)
        return {3720: 7654.0, 4000: 3210.0, 5010: "no room"}[generation]

    monkeypatch.setattr(ablation, "estimate_us", estimate_us)
    monkeypatch.setattr(ablation, "TABLE_1", TABLE_1[:1])
    ablation._columns.cache_clear()
    table = table_of({}, backends=(), npu=tmp_path)
    assert "NPU 3720 / 4000 / 5010 ms" in [column.header for column in table.columns]
    assert "7.7 / 3.2 / no room" in tuple(table.columns[6].cells)
    assert len(sizes) == 3
    assert min(sizes) > 1e6, "the network itself"


def test_the_table_has_a_line_more_for_what_is_not_the_papers():
    ours = SegmenterConfig(convolution="depthwise", size=(64, 96))
    table = table_of({ours: 81.234}, backends=())
    assert table.row_count == 13
    assert tuple(table.columns[1].cells)[-1] == "depthwise 64x96"
    assert tuple(table.columns[-2].cells)[-1] == "81.23"


@pytest.mark.parametrize(
    ("encoder", "convolution", "decoder"),
    list(product(get_args(Encoder), get_args(Convolution), get_args(Decoder))),
)
def test_every_member_gives_a_matte_of_the_pictures_size(encoder, convolution, decoder):
    network = Segmenter(SegmenterConfig(encoder, convolution, 1.0, decoder, (64, 96))).eval()
    with torch.no_grad():
        said = network(torch.rand(2, 3, 64, 96))
        matte = network.matte(torch.rand(2, 3, 64, 96))
    assert said.logits.shape == (2, 1, 64, 96)
    assert said.coarse.shape == (2, 1, 2, 3)
    assert matte.shape == (2, 1, 64, 96)
    assert 0 <= matte.min() <= matte.max() <= 1


def test_effnetlite_pools_in_its_bottleneck_alone():
    pools = [
        name
        for name, layer in Segmenter(FINAL).named_modules()
        if isinstance(layer, torch.nn.AdaptiveAvgPool2d)
    ]
    assert pools == ["bottleneck.attend.pool"]


def test_every_weight_learns():
    network = Segmenter(replace(FINAL, size=(64, 64)))
    said = network(torch.rand(2, 3, 64, 64))
    (said.logits.square().mean() + said.coarse.square().mean()).backward()
    still = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert still == []


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_committed_recipes_load_and_survive_being_stored(path: Path):
    recipe = load_recipe(path)
    assert recipe.name == path.stem
    assert recipe_of(recipe.name, recipe.as_tables()) == recipe


def test_a_recipe_can_be_changed_on_the_command_line():
    recipe = load_recipe(CONFIGS / "paper-final.toml", ["model.width=1.5", "train.steps=7"])
    assert recipe.model == replace(FINAL, width=1.5)
    assert recipe.train.steps == 7


@pytest.mark.parametrize(
    "change", ['model.encoder="vgg"', "model.size=[500, 512]", "model.width=0", "model.depth=3"]
)
def test_what_cannot_be_built_is_refused(change: str):
    with pytest.raises(ValueError, match=r"vgg|500|width|depth"):
        load_recipe(CONFIGS / "paper-final.toml", [change])
