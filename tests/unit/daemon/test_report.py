import dataclasses
import itertools
import json
import os
import threading
import time
from contextlib import ExitStack
from datetime import datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from support import waiting

from segcam.api import client
from segcam.api.messages import State
from segcam.config import Config
from segcam.daemon.board import Board
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.main import answering
from segcam.daemon.report import count, find_viewers, look
from segcam.errors import BackendFailed, DaemonNotRunning, SinkLost
from segcam.pipeline import assemble
from segcam.pipeline import networks as networks_module
from segcam.pipeline.networks import Networks
from segcam.pipeline.sinks import Destination
from segcam.refine.refiner import MatteRefiner
from segcam.segment.choose import Choice
from segcam.segment.registry import create
from segcam.segment.segmenter import ModelSegmenter
from segcam.settings import Settings
from segcam.sink.several import Several
from segcam.source.pattern import Pattern
from segcam.zoo.library import cards

SIZE, RATE_HZ = (90, 160), Fraction(60)
MODEL = "selfie-landscape"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


class Broken:
    """Loads, and then fails."""

    name, device = "broken", "none"

    def load(self, card, path, tensors, threads=1):
        return tensors

    def run(self):
        raise BackendFailed("driver gone")

    def close(self):
        pass


@pytest.fixture
def running(monkeypatch):
    """Starts an engine with the null backend; stopped at the end."""
    with ExitStack() as stack:

        def start(source, sink, *backends):
            segmenters = [
                ModelSegmenter(cards()[MODEL], Path("none"), backend)
                for backend in (*backends, create("null"))
            ]
            networks = Networks(Choice(segmenters[0].backend.name), segmenters, MatteRefiner())
            monkeypatch.setattr(assemble, "make_source", lambda _: source)
            monkeypatch.setattr(networks_module, "load_networks", lambda *_: networks)
            settings = Settings(background="color:#00ff00", linger=0, size="160x90", fps=60)
            engine = Engine(settings, make_output=lambda _: Destination(sink))
            return stack.enter_context(engine)

        yield start


@pytest.fixture
def keeper(tmp_path):
    return Keeper(Config(tmp_path / "settings.toml"), {})


@pytest.fixture
def board(keeper):
    with ExitStack() as stack:

        def make(engine):
            board = Board(
                partial(look, engine, keeper), partial(count, engine), partial(find_viewers, engine)
            )
            return stack.enter_context(board)

        yield make


def state(engine):
    return look(engine, Keeper(Config(Path("/nowhere/settings.toml")), {}), {})


def until(condition, engine):
    """Whether the state came to be so in time."""
    return waiting.until(lambda: condition(state(engine)))


def test_it_tells_what_runs_and_for_whom(running, board, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    assert recording_sink.wait_for(lambda frames: len(frames) > 10)
    told = board(engine)
    assert waiting.until(lambda: told.state().viewers and told.state().counters.get("sent", 0) > 10)
    now = told.state()
    assert (now.camera, now.camera_on) == ("pattern", True)
    assert (now.width, now.height, now.rate_hz) == (160, 90, 60.0)
    assert (now.model, now.backend, now.background) == (MODEL, "null", "color:#00ff00")
    assert (now.edges, now.mirror) == ("fast", False)
    assert [dataclasses.astuple(output) for output in now.outputs] == [
        ("recording", "camera", True, ["a test"], None)
    ]
    assert now.in_use
    assert now.trouble is None
    assert now.pid == os.getpid()
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(now.since)).seconds) < 60
    assert now.counters["sent"] > 10
    assert now.stages_ms["latency"]["p50"] > 0
    assert State.from_dict(json.loads(json.dumps(now.as_dict()))) == now


def test_the_camera_is_off_when_nobody_watches(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    recording_sink.used = False
    assert until(lambda now: not now.camera_on, engine)
    assert not state(engine).in_use
    recording_sink.used = True
    assert until(lambda now: now.camera_on, engine)


def test_trouble_comes_with_its_cure_and_goes(running, recording_sink, losable_camera):
    engine = running(losable_camera, recording_sink)
    losable_camera.pulled.set()
    assert until(lambda now: now.trouble and now.trouble["code"] == "camera.lost", engine)
    losable_camera.pulled.clear()
    assert until(lambda now: now.trouble is None, engine)


def test_the_backend_is_the_one_that_runs(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink, Broken())
    assert until(lambda now: now.backend == "null", engine)
    assert count(engine).counters["fallbacks"] == 1
    (note,) = state(engine).notes
    assert "broken failed and will be tried again later. driver gone" in note


def test_each_output_tells_its_own_trouble(running, recording_sink):
    lost = type(recording_sink)()
    lost.name = "lost"

    def lose(frame):
        raise SinkLost("gone")

    lost.send = lose
    engine = running(Pattern(SIZE, RATE_HZ), Several([recording_sink, lost]))
    # A later state may catch it between two tries, when it is open and has no trouble yet.
    first, second = waiting.wait_for(
        lambda: next((found for found in [state(engine).outputs] if found[1].trouble), None)
    )
    assert (first.name, first.trouble) == ("recording", None)
    assert (second.name, second.trouble["title"]) == ("lost", "gone")
    assert state(engine).trouble is None


def test_clients_get_it_also_while_it_starts(running, keeper, recording_sink):
    engine = Engine(Settings(), make_output=lambda _: Destination(recording_sink))
    with answering(engine, keeper, lambda: None):
        now = client.status()
        assert (now.phase, now.camera, now.outputs) == ("starting", "", [])
    with answering(running(Pattern(SIZE, RATE_HZ), recording_sink), keeper, lambda: None):
        assert client.status().camera == "pattern"
    with pytest.raises(DaemonNotRunning):
        client.status()


def test_the_revision_grows_with_each_change_and_only_then(running, board, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    told = board(engine)
    assert waiting.until(lambda: told.state().viewers == ["a test"])
    first = told.state()
    assert waiting.until(lambda: told.state().counters != first.counters)
    assert told.state().revision == first.revision
    engine.change({"background": "blur"})
    assert told.state().revision > first.revision


def test_no_state_waits_for_viewers_that_cannot_be_found(running, board, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    asked, go_on = threading.Event(), threading.Event()

    def hang():
        asked.set()
        assert go_on.wait(60)
        return []

    recording_sink.viewers = hang
    told = board(engine)
    told.state()
    assert asked.wait(waiting.LIMIT_S)
    start = time.monotonic()
    for _ in range(3):
        assert told.state().in_use
    assert time.monotonic() - start < 10
    go_on.set()


def test_nobody_is_looked_for_while_nobody_asks(running, board, recording_sink):
    looks = []
    recording_sink.viewers = lambda: looks.append(1) or []
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    told = board(engine)
    time.sleep(0.3)
    assert not looks
    told.state()
    assert waiting.until(lambda: looks)
    for _ in range(20):
        state(engine)
    assert len(looks) <= 2, "a state looks for nobody by itself"


def test_a_subscriber_hears_changes_at_once_and_counters_each_second(
    running, board, recording_sink
):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    told = board(engine)
    engine.changed = told.refresh
    news = filter(None, told.news())
    assert next(news)["state"]["background"] == "color:#00ff00"
    engine.change({"background": "blur:3"})
    seen = list(itertools.islice(news, 4))
    states = [each["state"] for each in seen if "state" in each]
    assert "blur:3" in [state["background"] for state in states]
    assert any("counters" in each and "stages_ms" in each for each in seen)


def test_what_hangs_is_told(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    go_on = threading.Event()
    send = recording_sink.send

    def hang(frame):
        assert go_on.wait(60)
        send(frame)

    recording_sink.send = hang
    assert until(lambda now: "output" in now.stalled and now.phase == "trouble", engine)
    go_on.set()
    assert until(lambda now: now.stalled == [] and now.phase == "live", engine)


def test_the_phase_is_one_word_for_what_it_does(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    assert until(lambda now: now.phase == "live", engine)
    recording_sink.used = False
    assert until(lambda now: now.phase == "idle", engine)
    engine.pause()
    assert state(engine).phase == "paused"
    assert not state(engine).camera_on
    engine.resume()
    assert state(engine).phase == "idle"
