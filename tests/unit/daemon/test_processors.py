"""The backend follows the battery, and what trying finds, while frames flow."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.engines import folder, models, settings_of
from support.waiting import wait_until

from segcam.config import Config
from segcam.daemon import processors as module
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.processors import (
    AGAIN_S,
    GRACE_S,
    HOLD_S,
    IDLE_S,
    MARKS_S,
    PERIOD_S,
    Processors,
)
from segcam.daemon.report import look, preparing
from segcam.errors import BackendFailed
from segcam.pipeline import networks as networks_module
from segcam.pipeline.sinks import Destination
from segcam.segment import choose as choose_module
from segcam.segment.choose import Choice
from segcam.segment.others import IDLE
from segcam.segment.power import on_battery
from segcam.segment.probe import ProbeResult

__all__ = ["folder", "models"]

QUICK, CHEAP, LATE = "litert-cpu", "null", "openvino-npu"


class Machine:
    """A laptop: what it is plugged into, what was tried on it, and a clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now_s = 1000.0
        self.untried: tuple[str, ...] = ()
        self.doubtful: tuple[str, ...] = ()
        self.finds: list[ProbeResult] = []
        self.others_share = 0.0
        self.tried: list[str] = []
        self.best = QUICK
        self.drivers = ("nvidia 555.42",)
        self.plug(True)

    def plug(self, plugged: bool) -> None:
        for name, files in (
            ("AC", {"type": "Mains", "online": str(int(plugged))}),
            ("BAT0", {"type": "Battery", "status": "Charging" if plugged else "Discharging"}),
        ):
            folder = self.root / "sys/class/power_supply" / name
            folder.mkdir(parents=True, exist_ok=True)
            for file, text in files.items():
                (folder / file).write_text(f"{text}\n")

    def choose(self, request: str, *_: object, **__: object) -> Choice:
        if request == "gpu":
            found = any(result.usable for result in self.finds)
            return Choice(CHEAP) if found else Choice(QUICK, (), (), self.untried)
        if request != "auto":
            return Choice(request)
        battery = on_battery(self.root)
        name = CHEAP if battery else self.best
        reason = "On battery it is null" * battery
        return Choice(name, (), (), self.untried, battery, reason, self.doubtful)

    def share(self) -> float:
        return self.others_share

    def try_rest(self, *arguments: object, **_: object) -> list[ProbeResult]:
        self.tried += arguments[-1]
        self.untried = self.doubtful = ()
        return self.finds


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr(networks_module, "choose", machine.choose)
    monkeypatch.setattr(choose_module, "try_rest", machine.try_rest)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: machine.now_s))
    return machine


@pytest.fixture
def start(tmp_path, models, recording_sink, machine):
    """Starts an engine; the test itself acts as the thread of `Processors`."""
    engines = []

    def make(backend="auto"):
        settings = settings_of(models).replace_with({"backend": backend})
        engine = Engine(settings, make_output=lambda _: Destination(recording_sink))
        engines.append(engine.__enter__())
        wait_until(lambda: engine.pipeline.segmenter is not None, "the model")
        battery = partial(on_battery, tmp_path)
        return engine, Processors(engine, battery, lambda: machine.drivers, machine)

    yield make
    for engine in engines:
        engine.__exit__(None, None, None)


def pass_time(machine, processors, seconds):
    for _ in range(int(seconds / PERIOD_S) + 1):
        machine.now_s += PERIOD_S
        processors.look()


def running(engine):
    return engine.pipeline.segmenter.backend.name


def notes(engine):
    return look(engine, Keeper(Config(Path("/nowhere/settings.toml")), {}), {}).notes


def test_on_battery_the_cheapest_takes_over_and_leaves_again(machine, start, recording_sink):
    engine, processors = start()
    assert running(engine) == QUICK
    machine.plug(False)
    pass_time(machine, processors, HOLD_S)
    assert running(engine) == CHEAP
    assert "On battery it is null" in notes(engine)
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    machine.plug(True)
    pass_time(machine, processors, HOLD_S)
    assert running(engine) == QUICK
    assert notes(engine) == []


def test_a_plug_that_is_soon_back_changes_nothing(machine, start):
    engine, processors = start()
    segmenter = engine.pipeline.segmenter
    for _ in range(5):
        machine.plug(False)
        pass_time(machine, processors, HOLD_S - 2 * PERIOD_S)
        machine.plug(True)
        pass_time(machine, processors, 0)
    assert engine.pipeline.segmenter is segmenter


def test_where_the_same_is_best_on_battery_nothing_is_loaded(machine, start):
    machine.best = CHEAP
    engine, processors = start()
    segmenter = engine.pipeline.segmenter
    machine.plug(False)
    pass_time(machine, processors, HOLD_S)
    assert engine.pipeline.segmenter is segmenter
    assert engine.assembled.networks.choice.battery


def test_a_drivers_update_lets_it_choose_anew_in_the_running_program(machine, start):
    engine, processors = start()
    pass_time(machine, processors, MARKS_S)
    machine.best = CHEAP  # as trying it again finds
    pass_time(machine, processors, MARKS_S)
    assert running(engine) == QUICK, "nothing has changed"
    machine.drivers = ("nvidia 560.10",)
    pass_time(machine, processors, MARKS_S)
    assert running(engine) == CHEAP


def test_a_backend_that_was_named_stays(machine, start):
    engine, processors = start(backend=QUICK)
    machine.plug(False)
    pass_time(machine, processors, HOLD_S)
    assert running(engine) == QUICK


def test_what_was_not_tried_is_told_and_tried_while_the_camera_is_off(machine, start):
    machine.untried, machine.best = (LATE,), QUICK
    engine, processors = start()
    assert any(LATE in note for note in notes(engine))
    pass_time(machine, processors, GRACE_S / 2)
    assert machine.tried == [], "somebody watches"
    engine.pause()
    machine.best = CHEAP  # as trying finds
    pass_time(machine, processors, 0)
    assert machine.tried == [LATE]
    assert running(engine) == CHEAP
    assert notes(engine) == []


def test_in_a_long_call_it_is_tried_all_the_same_and_once(machine, start):
    machine.untried = (LATE,)
    engine, processors = start()
    pass_time(machine, processors, GRACE_S)
    machine.untried = (LATE,)  # the result could not be kept
    engine.reload()
    pass_time(machine, processors, 2 * GRACE_S)
    assert machine.tried == [LATE]


def test_a_gpu_that_was_asked_for_is_tried_during_the_call(machine, start):
    machine.untried, machine.finds = (LATE,), []
    engine, processors = start(backend="gpu")
    assert running(engine) == QUICK
    assert f"Not tried yet: {LATE}. They will be tried now" in notes(engine)
    assert preparing(engine) == [f"Not tried yet: {LATE}. They will be tried now"]
    machine.finds = [ProbeResult(CHEAP, "a card", usable=True)]
    machine.plug(False)
    pass_time(machine, processors, HOLD_S)
    assert machine.tried == [LATE], "once, and the battery changes nothing"
    assert running(engine) == CHEAP


def test_a_gpu_that_was_asked_for_and_fails_is_told_with_the_reason(machine, start):
    machine.untried = (LATE,)
    machine.finds = [ProbeResult(LATE, reason="it crashed with SIGSEGV", hint="Update it")]
    engine, processors = start(backend="gpu")
    pass_time(machine, processors, GRACE_S)
    assert machine.tried == [LATE]
    assert running(engine) == QUICK
    (note,) = notes(engine)
    assert "it crashed with SIGSEGV" in note
    assert "Update it" in note


def test_what_was_timed_on_a_busy_machine_is_timed_again_when_it_is_idle(machine, start):
    machine.doubtful, machine.others_share = (QUICK,), 2 * IDLE
    engine, processors = start()
    pass_time(machine, processors, IDLE_S)
    engine.pause()
    pass_time(machine, processors, IDLE_S)
    assert machine.tried == [], "still busy"
    machine.others_share = 0.0
    pass_time(machine, processors, IDLE_S - PERIOD_S)
    machine.others_share = 2 * IDLE
    pass_time(machine, processors, 0)
    machine.others_share = 0.0
    pass_time(machine, processors, IDLE_S - PERIOD_S)
    assert machine.tried == [], "idle for too short a time"
    machine.best = CHEAP  # as the new times tell
    pass_time(machine, processors, PERIOD_S)
    assert machine.tried == [QUICK]
    assert running(engine) == CHEAP


def test_in_a_call_nothing_is_timed_again_and_else_not_too_often(machine, start):
    machine.doubtful = (QUICK,)
    engine, processors = start()
    pass_time(machine, processors, 2 * IDLE_S)
    assert machine.tried == [], "somebody watches"
    engine.pause()
    for times in (1, 2):
        pass_time(machine, processors, IDLE_S)
        machine.doubtful = (QUICK,)  # busy again, at that very moment
        engine.reload()
        pass_time(machine, processors, AGAIN_S / 2)
        assert machine.tried == [QUICK] * times
        pass_time(machine, processors, AGAIN_S / 2 - IDLE_S)


def test_what_cannot_be_loaded_leaves_the_old_one_at_work(machine, start, monkeypatch):
    engine, processors = start()

    def broken(*_, **__):
        raise BackendFailed("no driver")

    machine.plug(False)
    pass_time(machine, processors, 0)
    with monkeypatch.context() as patch:
        patch.setattr(networks_module, "load_networks", broken)
        with pytest.raises(BackendFailed):
            pass_time(machine, processors, HOLD_S)
    assert running(engine) == QUICK
    pass_time(machine, processors, HOLD_S + PERIOD_S)
    assert running(engine) == CHEAP


def test_the_thread_ends_with_the_engine(machine, start):
    _, processors = start()
    with processors:
        assert processors._thread.is_alive()
    assert not processors._thread.is_alive()
