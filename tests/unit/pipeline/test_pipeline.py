import gc
import threading
import time
import weakref
from fractions import Fraction

import cv2
import numpy as np
import pytest
from support.waiting import LIMIT_S, Stalls, until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden, RoomShown
from segcam.errors import (
    BackendFailed,
    CameraLost,
    DeviceMissing,
    InternalError,
    MatteRejected,
    OutputUnwritable,
    SinkLost,
)
from segcam.pipeline import sender
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.pool import FILE_DEPTH
from segcam.source.pattern import Pattern, read_code, room

SIZE = (180, 320)
GREEN = (145, 54, 34)


@pytest.fixture
def build(figure_segmenter, plain_refiner, recording_sink):
    def make(source, **changes):
        parts = {
            "segmenters": [figure_segmenter],
            "refiner": plain_refiner,
            "compositor": RoomHidden(Color(GREEN)),
            "sink": recording_sink,
            **changes,
        }
        return Pipeline(source, **parts)

    return make


def shows_room(frame):
    """Whether the wall's pattern can be found where no person ever is: the top corners."""
    wall = room(frame.size)
    height, width = frame.size
    for columns in (slice(0, width // 5), slice(width * 4 // 5, width)):
        corner = frame.y[: height // 3, columns].astype(np.float32)
        truth = wall.y[: height // 3, columns].astype(np.float32)
        if corner.std() > 1 and np.corrcoef(corner.ravel(), truth.ravel())[0, 1] > 0.5:
            return True
    return False


def test_the_leak_detector_finds_a_leak():
    wall = room(SIZE)
    assert shows_room(wall)
    wall.y[:] = cv2.GaussianBlur(wall.y, (0, 0), 12)
    assert not shows_room(wall)


def test_a_file_loses_no_frame_and_keeps_the_order(build, recording_sink):
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False, frames=50))
    pipeline.start()
    pipeline.run()
    assert [frame.id for frame in recording_sink.frames] == list(range(50))
    assert [read_code(f.id, f) for f in recording_sink.frames] == list(range(50))
    totals = pipeline.stats.snapshot()
    assert (totals["captured"], totals["sent"], totals["dropped"]) == (50, 50, 0)
    assert pipeline.pool.free == pipeline.pool.depth
    assert recording_sink.closed == 1


def test_while_a_file_is_written_slowly_the_next_frames_are_prepared(build, recording_sink):
    release = threading.Event()
    recording_sink.send = lambda frame: release.wait(LIMIT_S)
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False, frames=2 * FILE_DEPTH))
    pipeline.start()
    until(lambda: pipeline.stats.captured >= FILE_DEPTH - 1)
    time.sleep(0.05)
    ahead = pipeline.stats.captured
    release.set()
    pipeline.run()
    assert FILE_DEPTH - 1 <= ahead <= FILE_DEPTH
    assert pipeline.stats.sent == 2 * FILE_DEPTH


def test_frames_that_the_output_loses_do_not_count_as_sent(build, recording_sink):
    keep = recording_sink.send

    def send(frame):
        keep(frame)
        recording_sink.lost += frame.id % 2

    recording_sink.send, recording_sink.is_camera = send, False
    pipeline = build(Pattern(SIZE, live=False, frames=20))
    pipeline.start()
    pipeline.run()
    assert pipeline.stats.sent == 10


def test_the_room_is_gone_and_the_person_is_not(build, recording_sink):
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False, frames=3))
    pipeline.start()
    pipeline.run()
    for frame in recording_sink.frames:
        assert not shows_room(frame)
        assert [int(p[2, 2]) for p in frame.planes] == list(GREEN)
        assert frame.y[SIZE[0] // 2, SIZE[1] // 2] == 150


def test_none_shows_the_room_because_the_user_chose_it(build, recording_sink, figure_segmenter):
    recording_sink.is_camera = False
    figure_segmenter.failing = {0, 1, 2}
    pipeline = build(Pattern(SIZE, live=False, frames=3), compositor=RoomShown())
    pipeline.start()
    pipeline.run()
    assert all(shows_room(frame) for frame in recording_sink.frames)


@pytest.mark.parametrize("error", [BackendFailed("no"), MatteRejected("nan")])
def test_a_frame_without_a_matte_is_hidden_whole(build, recording_sink, figure_segmenter, error):
    def fail(frame, out):
        out.fill(1.0)
        raise error

    figure_segmenter.segment = fail
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False, frames=2))
    pipeline.start()
    pipeline.run()
    assert pipeline.stats.hidden == len(recording_sink.frames) == 2
    for frame in recording_sink.frames:
        assert not shows_room(frame)
        assert np.abs(np.diff(frame.y.astype(int), axis=1)).max() < 12, "no edge, nobody"


def test_a_viewer_first_sees_a_placeholder_and_last_sees_one(build, recording_sink):
    pipeline = build(Pattern(SIZE, Fraction(60)))
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    pipeline.stop()
    first, last = recording_sink.frames[0], recording_sink.frames[-1]
    for frame in (first, last):
        assert len(np.unique(frame.u)) < 30, "a placeholder has few colours"
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_failing_backends_hand_over_to_the_next(build, recording_sink, figure_segmenter):
    class Broken(type(figure_segmenter)):
        def segment(self, frame, out):
            raise BackendFailed("driver gone")

    broken = Broken()
    pipeline = build(Pattern(SIZE, Fraction(120)), segmenters=[broken, figure_segmenter])
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) > 3 and figure_segmenter.opened)
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 30)
    pipeline.stop()
    assert not broken.open_now
    assert [int(p[2, 2]) for p in recording_sink.frames[-5].planes] == list(GREEN)
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_a_camera_pulled_out_shows_a_placeholder_and_comes_back(
    build, recording_sink, losable_camera
):
    pipeline = build(losable_camera)
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) > 10)
    losable_camera.pulled.set()
    before = len(recording_sink.frames)
    assert recording_sink.wait_for(
        lambda frames: any(len(np.unique(f.u)) < 30 for f in frames[before:])
    )
    assert isinstance(pipeline.trouble, CameraLost)
    placeholders = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) >= placeholders + 2)
    losable_camera.pulled.clear()
    back = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > back + 20)
    pipeline.stop()
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_a_hanging_model_shows_a_card(build, recording_sink, figure_segmenter):
    release = threading.Event()

    def hang(frame, out):
        release.wait(LIMIT_S)
        raise BackendFailed("woke up")

    figure_segmenter.segment = hang
    pipeline = build(Pattern(SIZE, Fraction(60)))
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) >= 3)
    release.set()
    pipeline.stop()
    assert pipeline.stats.repeated >= 3
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_an_output_that_fails_for_good_ends_the_run_with_its_reason(build, recording_sink):
    def refuse(frame):
        raise OutputUnwritable("disk full")

    recording_sink.send = refuse
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False))
    pipeline.start()
    with pytest.raises(OutputUnwritable):
        pipeline.run()
    assert pipeline.pool.free == pipeline.pool.depth


def test_a_lost_device_is_opened_again(build, recording_sink):
    once = [SinkLost("gone")]
    send = recording_sink.send

    def send_or_fail(frame):
        if len(recording_sink.frames) == 5 and once:
            raise once.pop()
        send(frame)

    recording_sink.send = send_or_fail
    pipeline = build(Pattern(SIZE, Fraction(60)))
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    pipeline.stop()
    assert recording_sink.closed >= 2


def test_a_device_that_is_missing_for_a_while_is_waited_for(build, recording_sink):
    """A PipeWire that starts again, a module that is loaded again."""
    opened, send = [], recording_sink.send

    def open_or_miss(size, rate_hz):
        opened.append(size)
        if 1 < len(opened) < 4:
            raise DeviceMissing("not there")

    def send_or_fail(frame):
        if len(opened) == 1 and len(recording_sink.frames) == 5:
            raise SinkLost("gone")
        send(frame)

    recording_sink.open, recording_sink.send = open_or_miss, send_or_fail
    pipeline = build(Pattern(SIZE, Fraction(60)))
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    pipeline.stop()
    assert len(opened) == 4


def test_what_cannot_be_opened_is_told_and_nothing_stays_open(build, figure_segmenter):
    class Closed(type(figure_segmenter)):
        def open(self):
            raise BackendFailed("no such model")

    before = set(threading.enumerate())
    with pytest.raises(BackendFailed):
        build(Pattern(SIZE), segmenters=[Closed()]).start()
    assert until(lambda: set(threading.enumerate()) <= before)


def test_a_slow_stage_drops_frames_instead_of_piling_them_up(
    build, recording_sink, figure_segmenter
):
    segment = figure_segmenter.segment

    def slow(frame, out):
        time.sleep(0.05)
        segment(frame, out)

    figure_segmenter.segment = slow
    pipeline = build(Pattern(SIZE, Fraction(120)))
    with Stalls() as machine, pipeline:
        assert recording_sink.wait_for(lambda frames: len(frames) > 10)
    assert pipeline.stats.dropped > pipeline.stats.sent
    latency = pipeline.stats.snapshot()["stages_ms"]["latency"]
    assert latency["p95"] < 250 + 4000 * machine.longest_s
    assert pipeline.pool.free == pipeline.pool.depth


def test_many_starts_and_stops_leave_nothing_behind(build):
    before = set(threading.enumerate())
    for _ in range(20):
        pipeline = build(Pattern(SIZE, Fraction(240)))
        pipeline.start()
        pipeline.stop()
        assert pipeline.pool.free == pipeline.pool.depth
    assert set(threading.enumerate()) <= before


def test_mirror_swaps_the_person_not_the_background(build, recording_sink):
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False, frames=1), compositor=RoomShown(), mirror=True)
    pipeline.start()
    pipeline.run()
    wall = room(SIZE)
    assert np.array_equal(recording_sink.frames[0].y[:20, :40], wall.y[:20, ::-1][:, :40])


def test_the_duration_ends_an_endless_source(build, recording_sink):
    pipeline = build(Pattern(SIZE))
    pipeline.start()
    began = time.monotonic()
    pipeline.run(duration_s=0.3)
    assert time.monotonic() - began > 0.2


@pytest.mark.parametrize("live", [True, False])
def test_a_stopped_pipeline_frees_its_memory_at_once(build, live):
    gc.disable()
    try:
        pipeline = build(Pattern(SIZE, Fraction(240), live))
        pipeline.start()
        pipeline.stop()
        pool = weakref.ref(pipeline.pool)
        del pipeline
        assert pool() is None
    finally:
        gc.enable()


def test_a_slow_camera_is_not_taken_for_a_lost_one(build, recording_sink, monkeypatch):
    monkeypatch.setattr(sender, "STALE_PERIODS", 20)  # a busy machine stands still for one or two
    pipeline = build(Pattern(SIZE, Fraction(2)))
    pipeline.start()
    assert recording_sink.wait_for(lambda frames: len(frames) >= 5)
    pipeline.stop()
    assert pipeline.stats.repeated <= 2, "one at the start, one at the end"


def test_a_backend_out_of_memory_hands_over_to_the_next(build, recording_sink, figure_segmenter):
    class Hungry(type(figure_segmenter)):
        def segment(self, frame, out):
            raise MemoryError

    pipeline = build(Pattern(SIZE, Fraction(120)), segmenters=[Hungry(), figure_segmenter])
    pipeline.start()
    assert recording_sink.wait_for(
        lambda frames: frames and [int(p[2, 2]) for p in frames[-1].planes] == list(GREEN)
    )
    pipeline.stop()
    assert not any(shows_room(frame) for frame in recording_sink.frames)


class Stumbling(RoomHidden):
    """Fails once, with a fault of the program itself."""

    stumbled = False

    def composite(self, frame, matte, out):
        if frame.id >= 5 and not self.stumbled:
            self.stumbled = True
            raise ValueError("a fault nobody foresaw")
        super().composite(frame, matte, out)


def test_a_live_picture_outlives_a_fault_nobody_foresaw(build, recording_sink):
    compositor = Stumbling(Color(GREEN))
    with build(Pattern(SIZE, Fraction(120)), compositor=compositor):
        assert recording_sink.wait_for(lambda frames: compositor.stumbled)
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(
            lambda frames: sum(not frame.is_placeholder for frame in frames[seen:]) > 3
        )
    assert not any(shows_room(frame) for frame in recording_sink.frames)


def test_a_fault_nobody_foresaw_ends_a_render(build, recording_sink):
    recording_sink.is_camera = False
    pipeline = build(Pattern(SIZE, live=False), compositor=Stumbling(Color(GREEN)))
    pipeline.start()
    with pytest.raises(InternalError):
        pipeline.run(20)
