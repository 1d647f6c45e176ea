"""Several wishes at once, and wishes during the start: nobody is refused, and the newest holds."""

import threading
from contextlib import ExitStack

import pytest
from support.changing import Gate, meanwhile
from support.engines import (
    GREEN,
    engine,
    folder,
    models,
    settings_of,
    shows,
    silent,
)
from support.waiting import LIMIT_S, until

from segcam.daemon import background as background_module
from segcam.daemon import steps as steps_module
from segcam.daemon.engine import Engine
from segcam.errors import BackendFailed
from segcam.pipeline import assemble as assemble_module
from segcam.pipeline import networks as networks_module
from segcam.pipeline.sinks import Destination

__all__ = ["engine", "folder", "models"]


@pytest.fixture
def gated(monkeypatch):
    """Makes a function wait at a gate when it is called for the first time."""

    def put(module, name):
        gate, work = Gate(), getattr(module, name)

        def gated(*arguments, **options):
            if not gate.reached.is_set():
                gate()
            return work(*arguments, **options)

        monkeypatch.setattr(module, name, gated)
        return gate

    return put


@pytest.fixture
def starting(models, recording_sink, gated):
    """An engine whose camera and model are asked for, and are there when its gate is opened."""
    gate = gated(assemble_module, "make_source")
    starts = Engine(settings_of(models), make_output=lambda _: Destination(recording_sink))
    with ExitStack() as stack:
        with meanwhile(lambda: stack.enter_context(starts)) as errors:
            assert gate.reached.wait(LIMIT_S)
            yield starts, gate
            gate.opened.set()
        assert not errors


class Wishes:
    """Wishes, each on a thread of its own: what they were told, what was kept, how they ended."""

    def __init__(self, stack, engine):
        self.stack, self.engine = stack, engine
        self.told, self.kept = [], []

    def add(self, **values):
        """Begin to wish; returns when it waits or is over."""
        over, told = threading.Event(), len(self.told)

        def wish():
            try:
                self.engine.change(values, self.told.append, self.kept.append)
            finally:
                over.set()

        errors = self.stack.enter_context(meanwhile(wish))
        assert until(lambda: over.is_set() or len(self.told) > told)
        return over, errors


def test_a_camera_that_is_chosen_during_the_start_is_there_after_it(starting, recording_sink):
    engine, gate = starting
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        first = wishes.add(camera="demo")
        second = wishes.add(camera="pattern", size="320x180")
        third = wishes.add(camera="demo", fps=50)
        assert first[0].wait(LIMIT_S), "nobody wants it any more"
        assert not second[0].is_set(), "its size is still wanted"
        gate.opened.set()
        for over, errors in (first, second, third):
            assert over.wait(LIMIT_S)
            assert not errors
    assert engine.requested.camera == "demo"
    assert engine.pipeline.source_info.name == "demo"
    assert recording_sink.size == (180, 320)
    kept = {name: value for part in wishes.kept for name, value in part.items()}
    assert kept == {"camera": "demo", "size": "320x180", "fps": 50}
    assert not any(part.get("camera") == "pattern" for part in wishes.kept)


def test_model_output_and_background_that_are_chosen_during_the_start_come(
    starting, models, recording_sink
):
    engine, gate = starting
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        engine.change({"background": "color:#00ff00"}, silent)
        loading = wishes.add(model=str(models["large"]))
        other = wishes.add(output="null")
        gate.opened.set()
        for over, errors in (loading, other):
            assert over.wait(LIMIT_S)
            assert not errors
    assert engine.pipeline.segmenter.matte_size == (72, 128)
    assert engine.requested.output == "null"
    assert shows(GREEN, recording_sink)


def assembled_behind(gate, models, sink):
    """An engine that is not assembled before the gate is open."""

    def make_output(_):
        gate()
        return Destination(sink)

    return Engine(settings_of(models), make_output=make_output)


def test_what_is_chosen_before_anything_is_assembled_waits_for_that(models, recording_sink):
    outputs = Gate()
    with ExitStack() as stack:
        engine = assembled_behind(outputs, models, recording_sink)
        stack.enter_context(meanwhile(lambda: stack.enter_context(engine)))
        assert outputs.reached.wait(LIMIT_S)
        errors = stack.enter_context(
            meanwhile(lambda: engine.change({"background": "color:#00ff00"}, silent))
        )
        outputs.opened.set()
        assert shows(GREEN, recording_sink)
        assert not errors


def test_a_camera_that_is_switched_off_before_anything_is_assembled_stays_off(
    models, recording_sink
):
    outputs = Gate()
    with ExitStack() as stack:
        engine = assembled_behind(outputs, models, recording_sink)
        with meanwhile(lambda: stack.enter_context(engine)):
            assert outputs.reached.wait(LIMIT_S)
            stack.enter_context(meanwhile(engine.pause))
            outputs.opened.set()
        assert until(lambda: engine.paused)
        assert until(lambda: not engine.pipeline.source_is_open)


def test_another_model_waits_for_the_one_that_is_loaded_and_backgrounds_do_not(
    engine, models, recording_sink, gated
):
    gate = gated(networks_module, "load_networks")
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        stack.enter_context(meanwhile(lambda: engine.change({"model": str(models["large"])})))
        assert gate.reached.wait(LIMIT_S)
        second = wishes.add(model=str(models["small"]), threads=2)
        assert wishes.told == ["Waiting for the model that is being loaded"]
        third = wishes.add(model=str(models["large"]), threads=1)
        assert second[0].wait(LIMIT_S), "both were chosen otherwise meanwhile"
        engine.change({"background": "color:#00ff00"}, silent)
        assert shows(GREEN, recording_sink)
        assert not third[0].is_set()
        gate.opened.set()
        assert third[0].wait(LIMIT_S)
        assert not second[1] + third[1]
    assert engine.pipeline.segmenter.matte_size == (72, 128)
    assert wishes.kept == [{"model": str(models["large"]), "threads": 1}]


def test_edited_settings_do_not_wait_for_a_model_that_is_being_loaded(
    engine, models, recording_sink, gated
):
    gate, over = gated(networks_module, "load_networks"), threading.Event()
    edited = engine.requested.replace_with({"model": str(models["large"])})

    def edit_again():
        engine.apply(edited.replace_with({"background": "color:#00ff00"}))
        over.set()

    with ExitStack() as stack:
        loading = stack.enter_context(meanwhile(lambda: engine.apply(edited)))
        assert gate.reached.wait(LIMIT_S)
        errors = stack.enter_context(meanwhile(edit_again))
        came = over.wait(LIMIT_S)
        gate.opened.set()
    assert came, "it does not load the same model again"
    assert not loading + errors
    assert shows(GREEN, recording_sink)
    assert engine.pipeline.segmenter.matte_size == (72, 128)


def test_a_model_that_fails_lets_the_next_one_have_its_turn(engine, models, monkeypatch):
    gate, load = Gate(), networks_module.load_networks

    def load_slowly(settings, *arguments, **options):
        if settings.threads == 3:
            gate()
            raise BackendFailed("told to fail", "now", "Wait")
        return load(settings, *arguments, **options)

    monkeypatch.setattr(networks_module, "load_networks", load_slowly)
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        failing = stack.enter_context(meanwhile(lambda: engine.change({"threads": 3})))
        assert gate.reached.wait(LIMIT_S)
        over, errors = wishes.add(model=str(models["large"]))
        gate.opened.set()
        assert over.wait(LIMIT_S)
        assert not errors
    assert "told to fail" in str(failing[0])
    assert engine.pipeline.segmenter.matte_size == (72, 128)
    assert engine.requested.threads == 1


def test_a_picture_that_is_read_for_long_does_not_replace_what_was_chosen_after_it(
    engine, recording_sink, monkeypatch
):
    gate, make = Gate(), background_module.make_compositor

    def make_slowly(settings, size=None):
        if settings.background.startswith("image:"):
            gate()
            return make(settings.replace_with({"background": "color:#0000ff"}))
        return make(settings)

    monkeypatch.setattr(background_module, "make_compositor", make_slowly)
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        over, errors = wishes.add(background="image:/large.png", mirror=True, linger=9)
        assert gate.reached.wait(LIMIT_S)
        engine.change({"background": "color:#00ff00", "linger": 3}, silent)
        gate.opened.set()
        assert over.wait(LIMIT_S)
        assert not errors
    assert (engine.requested.background, engine.requested.linger) == ("color:#00ff00", 3)
    assert wishes.kept == [{"mirror": True}]
    assert shows(GREEN, recording_sink)


def test_who_waits_is_told_when_segcam_ends(engine, monkeypatch):
    gate = Gate()
    monkeypatch.setattr(steps_module, "change_devices", lambda *_, **__: gate())
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        stack.enter_context(meanwhile(lambda: engine.change({"camera": "demo"})))
        assert gate.reached.wait(LIMIT_S)
        over, errors = wishes.add(size="320x180")
        engine.__exit__(None)
        assert over.wait(LIMIT_S)
        assert "stopping" in str(errors[0])
        gate.opened.set()


def test_what_holds_is_kept_before_its_edges_are_loaded(engine, monkeypatch):
    gate = Gate()
    monkeypatch.setattr(steps_module, "other_refiner", lambda *_: gate())
    with ExitStack() as stack:
        wishes = Wishes(stack, engine)
        stack.enter_context(
            meanwhile(lambda: engine.change({"background": "blur:9"}, silent, wishes.kept.append))
        )
        assert gate.reached.wait(LIMIT_S)
        assert wishes.kept == [{"background": "blur:9"}]
        gate.opened.set()
