from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.home import user_cache_folder
from segcam.model_card import ModelCard
from segcam.segment import timings
from segcam.segment.power import on_battery
from segcam.segment.probe import ProbeResult

RESULTS = [ProbeResult("litert-cpu", "A CPU", True, median_ms=2.0, cpu_ms=1.9)]


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tiny_segmenter(tmp_path / "tiny.tflite")


def test_results_are_kept_for_the_same_model_and_machine(card: ModelCard, tmp_path: Path) -> None:
    assert timings.recall(card, 1, tmp_path) == []
    timings.remember(card, 1, RESULTS, tmp_path)
    assert timings.recall(card, 1, tmp_path) == RESULTS
    assert timings.recall(card, 2, tmp_path) == []
    assert timings.recall(replace(card, sha256="0" * 64), 1, tmp_path) == []


@pytest.mark.parametrize(
    "file",
    ["sys/module/nvidia/version", "usr/lib/x86_64-linux-gnu/libze_intel_npu.so.1", "dev/dri/card0"],
)
def test_another_driver_or_device_means_trying_again(
    card: ModelCard, tmp_path: Path, file: str
) -> None:
    timings.remember(card, 1, RESULTS, tmp_path)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text("555.42")
    assert timings.recall(card, 1, tmp_path) == []


def test_a_driver_update_means_trying_again(card: ModelCard, tmp_path: Path) -> None:
    version = tmp_path / "sys/module/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text("555.42")
    timings.remember(card, 1, RESULTS, tmp_path)
    version.write_text("560.10")
    assert timings.recall(card, 1, tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a": 1', b"\xff"])
def test_a_damaged_file_is_none(card: ModelCard, tmp_path: Path, content: bytes) -> None:
    timings.remember(card, 1, RESULTS, tmp_path)
    (user_cache_folder() / "backends.json").write_bytes(content)
    assert timings.recall(card, 1, tmp_path) == []
    timings.remember(card, 1, RESULTS, tmp_path)
    assert timings.recall(card, 1, tmp_path) == RESULTS


def test_nothing_is_kept_where_nothing_ran(card: ModelCard, tmp_path: Path) -> None:
    timings.remember(card, 1, [ProbeResult("litert-cpu", reason="no memory")], tmp_path)
    assert timings.recall(card, 1, tmp_path) == []


def test_without_a_place_to_write_it_goes_on(
    card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file in the folder's place")
    timings.remember(card, 1, RESULTS, tmp_path)
    assert timings.recall(card, 1, tmp_path) == []


def supply(root: Path, name: str, **fields: str) -> None:
    folder = root / "sys/class/power_supply" / name
    folder.mkdir(parents=True, exist_ok=True)
    for field, text in fields.items():
        (folder / field).write_text(text + "\n")


def test_a_battery_that_discharges(tmp_path: Path) -> None:
    assert not on_battery(tmp_path)
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert on_battery(tmp_path)
    supply(tmp_path, "AC", type="Mains", online="0")
    assert on_battery(tmp_path)
    supply(tmp_path, "AC", type="Mains", online="1")
    assert not on_battery(tmp_path)


def test_a_mouse_is_not_the_machine(tmp_path: Path) -> None:
    supply(tmp_path, "mouse", type="Battery", status="Discharging", scope="Device")
    assert not on_battery(tmp_path)
