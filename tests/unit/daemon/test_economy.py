"""An engine that costs what the test says, governed."""

import errno
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.engines import engine, folder, models
from support.waiting import wait_until

from segcam.config import Config
from segcam.daemon import economy as module
from segcam.daemon.economy import Economy, Meters, budget_of, thrifty
from segcam.daemon.governor import FIRST_WAIT_S, PATIENCE, SETTLING
from segcam.daemon.keeper import Keeper
from segcam.daemon.report import look
from segcam.settings import Settings

__all__ = ["engine", "folder", "models"]

HD_30 = (720, 1280), Fraction(30)


def seconds(count, cores, economy, meters):
    """Let so many seconds pass, each with frames; none in fact."""
    for _ in range(count):
        meters.now_s += 1
        meters.spent_s += cores
        meters.captured += 30
        economy.look()


@pytest.fixture
def meters():
    return SimpleNamespace(now_s=1000.0, spent_s=0.0, captured=0)


@pytest.fixture
def economy(engine, meters):
    def read(_):
        return Meters(meters.now_s, round(meters.spent_s * 1e9), meters.captured, 0)

    return Economy(engine, read)


def saving(engine):
    return look(engine, Keeper(Config(Path("/nowhere/settings.toml")), {}), {}).saving


def test_the_state_tells_what_is_saved_and_that_it_is_over(engine, economy, meters):
    seconds(1 + PATIENCE, 0.9, economy, meters)
    assert saving(engine) == ["fewer frames"]  # the null backend has no sharp edges
    seconds(SETTLING + int(FIRST_WAIT_S) + PATIENCE, 0.1, economy, meters)
    assert saving(engine) == []


def test_fewer_frames_are_made_while_that_is_saved(engine, recording_sink):
    engine.pipeline.thin_out(2)
    seen = len(recording_sink.frames)
    wait_until(lambda: len(recording_sink.frames) > seen + 12)
    numbers = [frame.id for frame in recording_sink.frames[seen + 2 :] if not frame.is_placeholder]
    assert {number % 2 for number in numbers} == {numbers[0] % 2}


def test_what_fails_by_surprise_does_not_end_the_saving(engine, monkeypatch, caplog):
    looks = []

    def look():
        looks.append(1)
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(module, "PERIOD_S", 0.01)
    economy = Economy(engine)
    economy.look = look
    with economy:
        wait_until(lambda: len(looks) > 1)
    assert "cannot open more files" in caplog.text


def test_without_a_limit_nothing_is_saved(engine, economy, meters):
    engine.change({"budget": 0.0})
    seconds(10, 3.0, economy, meters)
    assert saving(engine) == []


def test_another_wish_ends_the_saving_at_once(engine, economy, meters):
    seconds(1 + PATIENCE, 0.9, economy, meters)
    engine.change({"budget": 2.0})
    seconds(1, 0.9, economy, meters)
    assert saving(engine) == []


def test_a_camera_that_is_off_costs_nothing_and_is_not_judged(engine, economy, meters):
    seconds(2, 0.9, economy, meters)
    engine.pause()
    meters.now_s += 100
    economy.look()
    engine.resume()
    wait_until(lambda: engine.pipeline.source_is_open)
    seconds(2, 0.9, economy, meters)
    assert saving(engine) == []


def test_what_a_drivers_compiler_costs_beside_the_run_is_not_judged(engine, economy, meters):
    engine.trying = True
    seconds(10, 1.9, economy, meters)
    assert saving(engine) == []
    engine.trying = False
    seconds(1 + PATIENCE, 0.9, economy, meters)
    assert saving(engine) == ["fewer frames"]


@pytest.mark.parametrize(
    ("budget", "picture", "cores"),
    [
        ("auto", HD_30, 0.5),
        ("auto", ((480, 640), Fraction(30)), 0.5),
        ("auto", ((1080, 1920), Fraction(60)), 2.25),
        (0.3, HD_30, 0.3),
        (0, HD_30, float("inf")),
    ],
)
def test_larger_and_quicker_pictures_may_cost_more(budget, picture, cores):
    assert budget_of(Settings(budget=budget), *picture) == pytest.approx(cores)


def test_what_was_asked_for_stays_but_for_what_is_saved():
    asked = Settings(edges="sharp", model="selfie-general", background="none")
    assert thrifty(asked, ()) == asked
    assert thrifty(asked, ("fast edges",)) == asked.replace_with({"edges": "fast"})
    assert thrifty(asked, ("fast edges", "smaller model")).model == "auto"
