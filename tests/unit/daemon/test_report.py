import dataclasses
import json
import os
import threading
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from segcam.api import client
from segcam.api.messages import Status
from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.daemon.engine import Engine
from segcam.daemon.main import attend
from segcam.daemon.report import status
from segcam.errors import BackendFailed, DaemonNotRunning, SinkLost
from segcam.pipeline.demand import Demand
from segcam.pipeline.networks import Networks, make_pipeline
from segcam.refine.refiner import MatteRefiner
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
        pass

    def run(self):
        raise BackendFailed("driver gone")

    def close(self):
        pass


@pytest.fixture
def running():
    """Starts a pipeline with the null backend; stopped at the end."""
    started = []

    def start(source, sink, *backends):
        segmenters = [
            ModelSegmenter(cards()[MODEL], Path("none"), backend)
            for backend in (*backends, create("null"))
        ]
        networks = Networks(segmenters[0].backend.name, segmenters, MatteRefiner(), [])
        pipeline = make_pipeline(source, networks, RoomHidden(Color((145, 54, 34))), sink)
        pipeline.demand = Demand(linger_s=0.0)
        started.append(pipeline)
        return Engine(pipeline, pipeline.start(), sink, Settings(background="color:#00ff00"))

    yield start
    for pipeline in started:
        pipeline.stop()


def until(condition, engine, limit_s=5.0):
    """Whether the status came to be so in time."""
    waiting = threading.Event()
    for _ in range(round(limit_s / 0.02)):
        if condition(status(engine)):
            return True
        waiting.wait(0.02)
    return False


def test_it_tells_what_runs_and_for_whom(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    assert recording_sink.wait_for(lambda frames: len(frames) > 10)
    now = status(engine)
    assert (now.source, now.source_on) == ("pattern", True)
    assert (now.width, now.height, now.rate_hz) == (160, 90, 60.0)
    assert (now.model, now.backend, now.background) == (MODEL, "null", "color:#00ff00")
    assert (now.edges, now.mirror) == ("fast", False)
    assert [dataclasses.astuple(output) for output in now.outputs] == [
        ("recording", True, ["a test"], None)
    ]
    assert now.in_use
    assert now.trouble is None
    assert now.pid == os.getpid()
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(now.since)).seconds) < 60
    assert now.counters["sent"] > 10
    assert now.stages_ms["latency"]["p50"] > 0
    assert Status.from_dict(json.loads(json.dumps(now.as_dict()))) == now


def test_the_camera_is_off_when_nobody_watches(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    recording_sink.used = False
    assert until(lambda now: not now.source_on, engine)
    assert not status(engine).in_use
    recording_sink.used = True
    assert until(lambda now: now.source_on, engine)


def test_trouble_comes_with_its_cure_and_goes(running, recording_sink, losable_camera):
    engine = running(losable_camera, recording_sink)
    losable_camera.pulled.set()
    assert until(lambda now: now.trouble and now.trouble["code"] == "camera.lost", engine)
    losable_camera.pulled.clear()
    assert until(lambda now: now.trouble is None, engine)


def test_the_backend_is_the_one_that_runs(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink, Broken())
    assert until(lambda now: now.backend == "null", engine)
    assert status(engine).counters["fallbacks"] == 1


def test_each_output_tells_its_own_trouble(running, recording_sink):
    lost = type(recording_sink)()
    lost.name = "lost"

    def lose(frame):
        raise SinkLost("gone")

    lost.send = lose
    engine = running(Pattern(SIZE, RATE_HZ), Several([recording_sink, lost]))
    assert until(lambda now: now.outputs[1].trouble is not None, engine)
    first, second = status(engine).outputs
    assert (first.name, first.trouble) == ("recording", None)
    assert (second.name, second.trouble["title"]) == ("lost", "gone")
    assert status(engine).trouble is None


def test_clients_get_it_while_a_camera_is_offered(running, recording_sink):
    engine = running(Pattern(SIZE, RATE_HZ), recording_sink)
    with attend(engine):
        assert client.status().source == "pattern"
    with pytest.raises(DaemonNotRunning):
        client.status()


def test_a_run_into_a_file_leaves_the_socket_to_a_camera(running, recording_sink):
    file = type(recording_sink)(is_camera=False)
    with attend(running(Pattern(SIZE, RATE_HZ), file)):
        with pytest.raises(DaemonNotRunning):
            client.status()
        with attend(running(Pattern(SIZE, RATE_HZ), recording_sink)):
            assert client.status().outputs[0].name == "recording"
