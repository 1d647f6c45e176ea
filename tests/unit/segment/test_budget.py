"""Trying the backends may take two seconds at the start; what does not fit in follows later."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from segcam.model_card import ModelCard
from segcam.segment import choose as module
from segcam.segment import probe as probing
from segcam.segment.choose import choose, try_rest
from segcam.segment.hardware import Obstacle
from segcam.segment.probe import PathOf, ProbeResult, probe
from segcam.segment.registry import SPECS, Spec

TAKES_S = {"npu": 12.0, "gpu": 0.9, "cpu": 0.6}
COSTS_MS = {"npu": 0.5, "gpu": 9.0, "cpu": 2.0}


class Machine:
    """One with a clock of its own, on which trying a backend takes its time."""

    def __init__(self) -> None:
        self.has = {"openvino-npu", "litert-gpu", "litert-cpu", "onnxruntime-cpu"}
        self.now_s = 0.0
        self.busy = False
        self.done: list[str] = []

    def obstacle(self, spec: Spec) -> Obstacle | None:
        return None if spec.name in self.has else Obstacle("gone", "get it")

    def probe(self, spec: Spec, *_: object, limit_s: float = probing.LIMIT_S) -> ProbeResult:
        self.now_s += min(TAKES_S[spec.kind], limit_s)
        if TAKES_S[spec.kind] > limit_s:
            return ProbeResult(spec.name, reason="not ready", postponed=True)
        self.done.append(spec.name)
        cost_ms = COSTS_MS[spec.kind]
        return ProbeResult(spec.name, "it", True, median_ms=cost_ms, cpu_ms=cost_ms, busy=self.busy)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "on_battery", lambda: False)
    monkeypatch.setattr(module, "obstacle", made.obstacle)
    monkeypatch.setattr(module, "probe", made.probe)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: made.now_s))
    return made


def test_two_seconds_are_spent_and_quick_backends_go_first(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    choice = choose("auto", card, path_of)
    assert machine.now_s == pytest.approx(module.AT_ONCE_S)
    assert choice.name == "litert-cpu"
    assert machine.done == ["litert-cpu", "onnxruntime-cpu"]
    assert choice.untried == ("openvino-npu", "litert-gpu")
    reasons = {each.name: each.reason for each in choice.refused}
    assert reasons["openvino-npu"] == "not ready"
    assert "no time" in reasons["litert-gpu"]


def test_the_next_start_goes_on_and_what_was_late_costs_it_nothing(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    choose("auto", card, path_of)
    before_s = machine.now_s
    assert choose("auto", card, path_of).untried == ("openvino-npu",)
    assert machine.now_s - before_s == pytest.approx(TAKES_S["gpu"])


def test_what_is_tried_later_counts_from_then_on(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    try_rest(card, path_of, 1, choose("auto", card, path_of).untried)
    choice = choose("auto", card, path_of)
    assert choice.name == "openvino-npu"
    assert choice.untried == ()
    assert choice.others == ("litert-cpu", "onnxruntime-cpu", "litert-gpu")
    assert sorted(machine.done) == sorted(machine.has), "each once"


def test_where_no_call_waits_all_are_tried(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    choose("auto", card, path_of)  # a call's start left two
    choice = choose("auto", card, path_of, patient=True)
    assert (choice.name, choice.untried) == ("openvino-npu", ())
    assert sorted(machine.done) == sorted(machine.has), "each once"


def test_what_a_backend_lacks_is_not_kept(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    machine.has = {"litert-cpu", "onnxruntime-cpu"}
    assert choose("auto", card, path_of).name == "litert-cpu"
    machine.has.add("openvino-npu")  # its group was joined
    assert choose("auto", card, path_of).untried == ("openvino-npu",)


def test_a_device_that_is_gone_is_not_chosen_for_its_old_results(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    try_rest(card, path_of, 1, choose("auto", card, path_of).untried)
    machine.has.remove("openvino-npu")
    assert choose("auto", card, path_of).name == "litert-cpu"


def test_a_gpu_that_was_asked_for_delays_the_start_no_longer(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    choice = choose("npu", card, path_of)
    assert machine.now_s == pytest.approx(module.AT_ONCE_S)
    assert (choice.name, choice.untried) == ("litert-cpu", ("openvino-npu",))
    assert [each.usable for each in try_rest(card, path_of, 1, choice.untried)] == [True]
    before_s = machine.now_s
    found = choose("npu", card, path_of)
    assert (found.name, found.others, found.untried) == ("openvino-npu", ("litert-cpu",), ())
    assert machine.now_s == before_s, "the result was kept"


def test_the_first_gpu_that_runs_is_enough_for_who_asked_for_one(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    machine.has |= {"onnxruntime-cuda"}
    names = ("onnxruntime-cuda", "litert-gpu")
    results = try_rest(card, path_of, 1, names, all_of_them=False)
    assert [each.name for each in results] == ["onnxruntime-cuda"]
    assert [each.name for each in try_rest(card, path_of, 1, names)] == list(names)


def test_what_was_timed_on_a_busy_machine_is_told(
    machine: Machine, card: ModelCard, path_of: PathOf
) -> None:
    machine.busy = True
    assert choose("auto", card, path_of).doubtful == ("litert-cpu", "onnxruntime-cpu")
    machine.busy = False
    choice = choose("auto", card, path_of)
    assert choice.doubtful == ("litert-cpu", "onnxruntime-cpu"), "what is kept is still doubtful"
    try_rest(card, path_of, 1, choice.doubtful)
    assert choose("auto", card, path_of).doubtful == ()


@pytest.fixture
def sleeping_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Its probes never answer; tells the seconds since."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr(probing.sys, "executable", str(python))
    start = time.monotonic()
    return lambda: time.monotonic() - start


def test_what_had_too_little_time_has_not_failed(
    sleeping_child: Callable[[], float], card: ModelCard, path_of: PathOf
) -> None:
    reference = SPECS["litert-cpu"]
    result = probe(SPECS["onnxruntime-cpu"], reference, card, path_of, limit_s=0.2)
    assert (result.postponed, result.usable) == (True, False)
    assert "segcam backends" in result.hint
    assert sleeping_child() < 10
