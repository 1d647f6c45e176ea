"""The camera outlives its backend: crashes and hangs in a process of the backend's own."""

import os
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.changing import steady
from support.processes import children
from support.tiny_tflite import tiny_segmenter
from support.waiting import LIMIT_S, Stalls, until, wait_until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import BackendLost, OutOfResources
from segcam.pipeline.networks import make_backend
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.sender import STALE_S
from segcam.pipeline.stats import Stats
from segcam.segment.backends.null import NullBackend
from segcam.segment.isolated import RUN_S, IsolatedBackend
from segcam.segment.registry import SPECS
from segcam.segment.segmenter import ModelSegmenter
from segcam.source.pattern import Pattern, room
from segcam.worker import FIRST_BACKOFF_S, RESTARTS

if sys.platform != "linux":
    pytest.skip("only Linux has the means", allow_module_level=True)

__all__ = ["steady"]

SIZE = (180, 320)
GREEN = (145, 54, 34)
FAULTY = Path(__file__).parents[2] / "support" / "faulty_child.py"


@pytest.fixture
def segmenter(tmp_path):
    card = tiny_segmenter(tmp_path / "tiny.tflite", (72, 128))

    def make(backend):
        return ModelSegmenter(card, tmp_path / card.file, backend)

    return make


@pytest.fixture
def build(segmenter, plain_refiner, recording_sink):
    def make(*backends):
        segmenters = [segmenter(backend) for backend in backends]
        return Pipeline(
            Pattern(SIZE, Fraction(30)),
            segmenters=segmenters,
            refiner=plain_refiner,
            compositor=RoomHidden(Color(GREEN)),
            sink=recording_sink,
        )

    return make


@pytest.fixture
def sent_s(recording_sink):
    """When each of the sink's frames was sent."""
    times, send = [], recording_sink.send

    def timed(frame):
        times.append(time.monotonic())
        send(frame)

    recording_sink.send = timed
    return times


def faulty(fault, flag=""):
    return IsolatedBackend("null", (sys.executable, str(FAULTY), fault, str(flag)))


def is_composite(frame):
    return [int(plane[2, 2]) for plane in frame.planes] == list(GREEN)


def shows_room(frame):
    """Whether the wall's pattern can be found next to the person."""
    columns, rows = slice(0, SIZE[1] // 5), slice(0, SIZE[0] // 3)
    corner, truth = (f.y[rows, columns].astype(float).ravel() for f in (frame, room(SIZE)))
    return corner.std() > 1 and np.corrcoef(corner, truth)[0, 1] > 0.5


def test_the_detector_finds_the_room():
    assert shows_room(room(SIZE))


@pytest.mark.parametrize("fault", ["crash", "hang"])
@pytest.mark.slow
def test_the_picture_is_back_soon_and_nothing_shows_meanwhile(
    build, recording_sink, sent_s, tmp_path, monkeypatch, fault
):
    backend = faulty(fault, tmp_path / "flag")
    loads_s, load = [], backend.load

    def timed_load(*given):
        start = time.monotonic()
        tensors = load(*given)
        loads_s.append(time.monotonic() - start)
        return tensors

    monkeypatch.setattr(backend, "load", timed_load)
    pipeline = build(backend)
    with Stalls() as machine:
        pipeline.start()
        assert recording_sink.wait_for(lambda frames: sum(map(is_composite, frames)) > 60)
        assert pipeline.trouble is None
        pipeline.stop()
    frames, slack_s = recording_sink.frames, 0.5 + 4 * machine.longest_s
    assert not any(shows_room(frame) for frame in frames)

    composites = [index for index, frame in enumerate(frames) if is_composite(frame)]
    gap_s = [sent_s[back] - sent_s[last] for last, back in pairwise(composites)]
    noticed_s = RUN_S + 0.1 if fault == "hang" else 0.0
    assert len(loads_s) == 2
    assert max(gap_s) > (RUN_S if fault == "hang" else 0.1)
    assert max(gap_s) < noticed_s + FIRST_BACKOFF_S + loads_s[1] + slack_s
    assert max(later - sent for sent, later in pairwise(sent_s)) < STALE_S + slack_s
    assert pipeline.stats.fallbacks == 0


def test_a_process_that_crashes_again_and_again_is_left_for_the_next(build, recording_sink):
    pipeline = build(faulty("crash"), NullBackend())
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: sum(map(is_composite, frames)) > 60)
    pipeline.stop()
    assert pipeline.stats.fallbacks == 1
    assert not any(shows_room(frame) for frame in recording_sink.frames)


@pytest.mark.slow
def test_one_that_is_lost_again_and_again_ends_no_call(
    build, recording_sink, tmp_path, monkeypatch
):
    """Its process cannot even start for a while, far more often than five times in a minute."""
    monkeypatch.setattr("segcam.worker.FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 0.2)
    there = tmp_path / "there"
    there.mkdir()
    (there / "flag").touch()
    backend = faulty("crash", there / "flag")
    loads, load = [], backend.load
    monkeypatch.setattr(backend, "load", lambda *given: loads.append(1) or load(*given))
    pipeline, before = build(backend), set(children())
    with pipeline:
        assert recording_sink.wait_for(lambda frames: any(map(is_composite, frames)))
        (there / "flag").unlink()
        there.rmdir()
        (child,) = set(children()) - before
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: len(loads) > 2 * RESTARTS)
        assert recording_sink.wait_for(lambda frames: frames[-1].is_placeholder)
        assert isinstance(pipeline.trouble, BackendLost)
        there.mkdir()
        (there / "flag").touch()
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: any(map(is_composite, frames[seen:])))
        assert until(lambda: pipeline.trouble is None)
    assert not any(shows_room(frame) for frame in recording_sink.frames)


@pytest.mark.slow
def test_one_that_always_crashes_ends_no_call_and_shows_nothing(build, recording_sink, monkeypatch):
    monkeypatch.setattr("segcam.worker.FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 0.1)
    backend = faulty("crash")
    loads, load = [], backend.load
    monkeypatch.setattr(backend, "load", lambda *given: loads.append(1) or load(*given))
    with build(backend):
        wait_until(lambda: len(loads) > 2 * RESTARTS)
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: len(frames) > seen + 1), "it goes on"
    assert not any(shows_room(frame) for frame in recording_sink.frames)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a running process")
@pytest.mark.slow
def test_without_free_descriptors_the_call_goes_on_and_is_whole_afterwards(
    build, recording_sink, monkeypatch
):
    import resource

    monkeypatch.setattr("segcam.worker.FIRST_BACKOFF_S", 0.01)
    pipeline, before = build(IsolatedBackend("null")), set(children())
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with pipeline:
        assert recording_sink.wait_for(lambda frames: any(map(is_composite, frames)))
        (child,) = set(children()) - before
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
        try:
            os.kill(child, signal.SIGKILL)
            assert until(lambda: isinstance(pipeline.trouble, OutOfResources))
            seen = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames: len(frames) > seen + 6), "it goes on"
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: any(map(is_composite, frames[seen:])))
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_a_process_outlives_the_thread_that_asked_for_it(build, segmenter, recording_sink):
    """It ends with the thread that loaded it, which must be the one that runs it."""
    coming = segmenter(IsolatedBackend("null"))
    pipeline, before = build(NullBackend()), set(children())
    with pipeline:
        asking = threading.Thread(target=pipeline.change_segmenters, args=([coming],))
        asking.start()
        asking.join(LIMIT_S)
        assert pipeline.segmenter is coming
        (child,) = set(children()) - before
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: sum(map(is_composite, frames[seen:])) > 30)
        assert child in children()
    assert pipeline.stats.fallbacks == 0
    assert pipeline.trouble is None


def test_a_change_to_a_process_that_crashes_leaves_the_old_one_at_work(
    steady, build, segmenter, recording_sink
):
    pipeline = build(NullBackend())
    crashing = IsolatedBackend("null", (sys.executable, "-c", "raise SystemExit(3)"))
    with pipeline:
        with pytest.raises(BackendLost, match="lost"):
            pipeline.change_segmenters([segmenter(crashing)])
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: sum(map(is_composite, frames[seen:])) > 5)
    assert not any(frame.is_placeholder for frame in recording_sink.frames[seen:-1])


def test_whatever_is_native_gets_a_process_of_its_own_unless_told_otherwise():
    for name, spec in SPECS.items():
        assert isinstance(make_backend(name, "auto"), IsolatedBackend) == (spec.kind != "none")
        isolated = isinstance(make_backend(name, "devices"), IsolatedBackend)
        assert isolated == (spec.kind in ("npu", "gpu"))
        assert isinstance(make_backend(name, "always"), IsolatedBackend)
        assert not isinstance(make_backend(name, "never"), IsolatedBackend)


BURN = (
    "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\nsys.stdin.read()"
)


def test_the_processor_time_of_a_backends_process_counts_while_it_runs_and_after():
    stats = Stats()
    stats.sent = 1
    command, pipe = [sys.executable, "-c", BURN], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as child:
        child.stdout.readline()
        assert 300 <= stats.snapshot()["cpu_ms_per_frame"] < 1000
        child.stdin.close()
    assert 290 <= stats.snapshot()["cpu_ms_per_frame"] < 1000  # ended ones count in ticks
