"""Output of the figures: tables and a chart."""

from xml.etree import ElementTree

import pytest

from segcam.bench.chart import draw
from segcam.bench.tables import power, shown, tables

STAGES = {"capture": {"p50": 3.0, "p95": 4.0}, "latency": {"p50": 9.0, "p95": 12.0}}
FIGURES = {
    "machine": {},
    "models": [
        {
            "model": "small",
            "backbone": "MobileNetV3",
            "input": "256x144",
            "file_mb": 0.25,
            "iou": None,
            "npu_estimate_us": {"3720": 765.2, "4000": 307.0, "5010": 83.0},
            "backends_ms": {"litert-cpu": 2.0},
            "missing": {},
        }
    ],
    "processors": [{"model": "small", "backbone": "MobileNetV3", "cpu": 2.0}],
    "systems": [
        {
            "system": "M1 <copies>",
            "model": "small",
            "rate_hz": 20.0,
            "latency_ms": 50.0,
            "cpu_ms": 40.0,
            "copies": 3.0,
            "power_w": {},
        }
    ],
    "gains": {"async_over_sync": 1.7},
    "job": {
        "file": {"cpu_ms": 7.0, "stages_ms": {"capture": STAGES["capture"]}, "power_w": {}},
        "live": {"cpu_ms": 8.0, "latency_p95_ms": 12.0, "stages_ms": STAGES, "power_w": {}},
    },
    "unwatched": {"cores": 0.002},
    "threads": [{"threads": 1, "cpu_ms": 7.0, "rate_hz": 200.0, "inference_ms": 2.0}],
}


def test_every_part_is_a_table_with_full_rows():
    found = list(tables(FIGURES))
    assert len(found) == len(FIGURES) - 1
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_what_a_machine_lacks_is_said():
    texts = {cell for table in tables(FIGURES) for row in table.rows for cell in row}
    assert {"not available", "not readable", "1.70", "0.002"} <= texts


def test_a_model_that_was_not_compiled_for_npus_has_no_estimate():
    (row,) = FIGURES["models"]
    own = row | {"npu_estimate_us": dict.fromkeys(row["npu_estimate_us"])}
    (table,) = tables({"models": [row, own]})
    assert table.columns[-1] == "NPU 3720 / 4000 / 5010 ms, estimated"
    assert [cells[-1] for cells in table.rows] == ["0.77 / 0.31 / 0.08", ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (3, "3"), (0.12345, "0.123"), (1.2345, "1.23"), (234.56, "234.6")],
)
def test_figures_have_the_digits_that_count(value, text):
    assert shown(value) == text


def test_power_names_what_measured_it():
    assert power({"battery": 8.04, "nvidia": 30.0}) == "8.0 (battery), 30.0 (nvidia)"


def test_the_chart_is_a_picture_with_a_bar_for_each_figure():
    root = ElementTree.fromstring(draw(FIGURES))
    bars = [each for each in root if each.tag.endswith("rect")][1:]
    assert len(bars) == 1 + 1 + 2 + 1 + 2 + 1
    assert max(float(bar.get("width")) for bar in bars) <= 420
    assert any(text.text == "M1 <copies>" for text in root if text.tag.endswith("text"))
