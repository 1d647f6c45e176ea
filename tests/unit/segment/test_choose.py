from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from support.waiting import LIMIT_S

from segcam.errors import BackendUnavailable, ModelMismatch, UsageError
from segcam.model_card import ModelCard
from segcam.segment import choose as module
from segcam.segment import probe as probing
from segcam.segment.choose import choose, probe_all
from segcam.segment.hardware import Obstacle
from segcam.segment.probe import PathOf, ProbeResult, probe
from segcam.segment.registry import GROUPS, SPECS, Spec, create

LITERT = SPECS["litert-cpu"]


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """A machine on which nothing but these backends passes the first look."""
    monkeypatch.setattr(
        module, "obstacle", lambda spec: None if spec.name in names else Obstacle("gone", "get it")
    )


def answering(monkeypatch: pytest.MonkeyPatch, **times: tuple[float, float]) -> list[str]:
    """Backends that were tried with these latencies and processor times; names with "_" for "-"."""
    tried: list[str] = []

    def probe(spec: Spec, *_: object, **__: object) -> ProbeResult:
        tried.append(spec.name)
        median_ms, cpu_ms = times[spec.name.replace("-", "_")]
        return ProbeResult(spec.name, "it", True, median_ms=median_ms, cpu_ms=cpu_ms)

    monkeypatch.setattr(module, "probe", probe)
    return tried


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "on_battery", lambda: False)


def test_auto_takes_the_npu_that_is_right_and_fast(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "openvino-npu", "litert-cpu")
    answering(monkeypatch, openvino_npu=(1.0, 0.3), litert_cpu=(2.0, 2.0))
    choice = choose("auto", card, path_of)
    assert choice.name == "openvino-npu"
    assert choice.others == ("litert-cpu",)


def test_auto_leaves_a_slow_gpu_which_may_still_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "onnxruntime-cuda", "litert-cpu")
    answering(monkeypatch, onnxruntime_cuda=(9.0, 0.5), litert_cpu=(2.0, 2.0))

    automatic = choose("auto", card, path_of)

    assert automatic.name == "litert-cpu"
    assert automatic.others == ("onnxruntime-cuda",)
    slow = {result.name: result for result in automatic.refused}["onnxruntime-cuda"]
    assert "9.0 ms and 0.5 ms of processor time, litert-cpu 2.0 ms" in slow.reason
    assert choose("gpu", card, path_of).name == "onnxruntime-cuda"


def test_on_battery_auto_takes_what_costs_least_processor_time(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "onnxruntime-cuda", "litert-gpu", "litert-cpu")
    answering(
        monkeypatch,
        onnxruntime_cuda=(9.0, 0.5),
        litert_gpu=(60.0, 0.1),  # would not keep up
        litert_cpu=(2.0, 2.0),
    )
    plugged = choose("auto", card, path_of)
    assert (plugged.name, plugged.battery, plugged.reason) == ("litert-cpu", False, "")
    monkeypatch.setattr(module, "on_battery", lambda: True)
    unplugged = choose("auto", card, path_of)
    assert (unplugged.name, unplugged.battery) == ("onnxruntime-cuda", True)
    assert unplugged.reason.startswith("on battery, onnxruntime-cuda")


def test_auto_takes_the_best_cpu_runtime_unless_the_difference_is_small(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf, tmp_path: Path
) -> None:
    only(monkeypatch, "litert-cpu", "onnxruntime-cpu")
    answering(monkeypatch, litert_cpu=(2.0, 2.0), onnxruntime_cpu=(1.6, 1.6))
    assert choose("auto", card, path_of).name == "onnxruntime-cpu"
    answering(monkeypatch, litert_cpu=(2.0, 2.0), onnxruntime_cpu=(1.9, 1.9))
    assert choose("auto", replace(card, sha256="1" * 64), path_of).name == "litert-cpu"


def test_backends_are_tried_once(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "litert-cpu", "onnxruntime-cpu")
    tried = answering(monkeypatch, litert_cpu=(2.0, 2.0), onnxruntime_cpu=(1.6, 1.6))
    first, second = choose("auto", card, path_of), choose("auto", card, path_of)
    assert first == second
    assert tried == ["litert-cpu", "onnxruntime-cpu"]


def test_a_single_cpu_backend_is_not_tried(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "litert-cpu")
    tried = answering(monkeypatch)
    for battery in (False, True):
        monkeypatch.setattr(module, "on_battery", lambda battery=battery: battery)
        choice = choose("auto", card, path_of)
        assert (choice.name, choice.battery, choice.reason) == ("litert-cpu", battery, "")
    assert tried == []


def test_where_no_probe_runs_the_cpu_is_taken_all_the_same(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "litert-cpu", "onnxruntime-cpu")
    monkeypatch.setattr(
        module, "probe", lambda spec, *_, **__: ProbeResult(spec.name, reason="no memory")
    )
    assert choose("auto", card, path_of).name == "litert-cpu"


def test_auto_goes_on_where_npu_explains(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "litert-cpu")
    choice = choose("auto", card, path_of)
    assert choice.name == "litert-cpu"
    assert [result.name for result in choice.refused] == [
        name for name, spec in SPECS.items() if spec.kind in ("npu", "gpu")
    ]
    with pytest.raises(BackendUnavailable, match="openvino-npu: gone") as caught:
        choose("npu", card, path_of)
    assert caught.value.hint == "get it"
    with pytest.raises(BackendUnavailable, match="onnxruntime-cuda cannot run here"):
        choose("onnxruntime-cuda", card, path_of)


def test_the_cpu_has_understudies(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "onnxruntime-cpu", "openvino-cpu")
    assert choose("cpu", card, path_of).name == "onnxruntime-cpu"
    only(monkeypatch, "openvino-cpu")
    assert choose("auto", card, path_of).name == "openvino-cpu"
    only(monkeypatch)
    with pytest.raises(BackendUnavailable, match="litert-cpu: gone"):
        choose("cpu", card, path_of)


def test_a_model_that_is_onnx_only_is_not_given_to_litert(
    card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def onnx_only(wanted: str) -> Path:
        if wanted == "tflite":
            raise ModelMismatch("only onnx")
        return tmp_path

    only(monkeypatch, "litert-cpu", "onnxruntime-cpu")
    assert choose("auto", card, onnx_only).name == "onnxruntime-cpu"


@pytest.mark.parametrize(("name", "meant"), [("litert_cpu", "litert-cpu"), ("gpuu", "gpu"),
                                             ("openvino_npu", "openvino-npu")])  # fmt: skip
def test_a_mistyped_name_gets_the_near_one(
    name: str, meant: str, card: ModelCard, path_of: PathOf
) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{meant}") as caught:
        choose(name, card, path_of)
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError):
        create(name)


def test_choosing_imports_no_runtime(tmp_path: Path, card: ModelCard) -> None:
    """Children do."""
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from segcam.segment.choose import choose
        from segcam.zoo.library import cards
        file = Path({str(tmp_path / card.file)!r})
        print(choose("auto", cards()["selfie-landscape"], lambda wanted: file).name)
        runtimes = {{"onnxruntime", "openvino", "ai_edge_litert", "onnx"}}
        print(sorted(runtimes & set(sys.modules)))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[1] == "[]"


def test_probe_measures_and_compares(card: ModelCard, path_of: PathOf) -> None:
    result = probe(SPECS["onnxruntime-cpu"], LITERT, card, path_of)

    assert result.usable
    assert result.device
    assert result.reason == ""
    assert 0 < (result.median_ms or 0) < 1000
    assert 0 < (result.cpu_ms or 0) < 1000
    assert (result.max_difference or 0) < 1e-4
    assert json.loads(json.dumps(result.as_dict()))["name"] == "onnxruntime-cpu"


def test_probe_refuses_another_matte(card: ModelCard, path_of: PathOf) -> None:
    result = probe(SPECS["null"], LITERT, card, path_of)
    assert not result.usable
    assert "differs from the CPU's" in result.reason
    assert result.hint


def test_probe_keeps_what_the_backend_says(card: ModelCard, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    files = {"tflite": tmp_path / card.file, "onnx": broken}
    result = probe(SPECS["onnxruntime-cpu"], LITERT, card, lambda wanted: files[wanted])
    assert not result.usable
    assert "could not load the model" in result.reason


def test_probe_survives_a_crash_and_a_hang(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf, tmp_path: Path
) -> None:
    """The child is another program here: one that dies, and one that never answers."""
    python = tmp_path / "python"
    monkeypatch.setattr(probing.sys, "executable", str(python))
    for body, words, limit_s in (
        ("kill -SEGV $$", "SIGSEGV", LIMIT_S),
        ("echo no >&2; exit 3", "status 3: no", LIMIT_S),
        ("exit 0", "status 0", LIMIT_S),
        ("exec sleep 60", "no answer within", 0.5),
    ):
        python.write_text(f"#!/bin/sh\n{body}\n")
        python.chmod(0o755)
        monkeypatch.setattr(probing, "LIMIT_S", limit_s)
        result = probe(SPECS["onnxruntime-cpu"], LITERT, card, path_of, limit_s=limit_s)
        assert not result.usable
        assert not result.postponed
        assert words in result.reason


def test_probe_all_names_every_backend_once(
    monkeypatch: pytest.MonkeyPatch, card: ModelCard, path_of: PathOf
) -> None:
    only(monkeypatch, "litert-cpu")
    results = list(probe_all(card, path_of))
    assert [result.name for result in results] == [name for name in SPECS if name != "null"]
    assert [result.name for result in results if result.usable] == ["litert-cpu"]


def test_groups_are_no_names() -> None:
    assert not set(GROUPS) & set(SPECS)
