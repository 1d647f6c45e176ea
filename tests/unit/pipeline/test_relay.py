"""A model exchanged while frames flow, and changes that meet."""

import threading
import time

import pytest
from support.changing import (
    BLUE,
    GREEN,
    Gate,
    MindfulRefiner,
    ThreadedSegmenter,
    build,
    comes,
    is_plain,
    meanwhile,
    pictures,
    steady,
)
from support.waiting import LIMIT_S, until

from segcam.composite.background import Blurred, Color
from segcam.composite.compositor import RoomHidden, RoomShown
from segcam.errors import BackendFailed, SegCamError
from segcam.pipeline import relay

__all__ = ["build", "steady"]


def test_another_model_takes_over_and_no_frame_waits_for_it(steady, build, recording_sink):
    refiner, loading = MindfulRefiner(), Gate()
    old, new = ThreadedSegmenter(), ThreadedSegmenter((36, 64), on_open=loading)
    pipeline = build(segmenters=[old], refiner=refiner)
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        with meanwhile(lambda: pipeline.change_segmenters([new])) as raised:
            assert loading.reached.wait(LIMIT_S)
            before = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames: len(frames) > before + 30)
            assert pipeline.segmenter is old
            loading.opened.set()
        assert not raised
        assert pipeline.segmenter is new
        assert not old.is_open
        seen = old.frames
        assert recording_sink.wait_for(lambda _: new.frames > 10)
        assert old.frames == seen
    assert not any(frame.is_placeholder for frame in recording_sink.frames[before:-1])
    assert len(old.threads) == len(new.threads) == 1
    assert old.threads != new.threads
    assert not new.is_open
    first_of_new = next(i for i, asked in enumerate(refiner.asked) if asked[2] == (36, 64))
    assert [cut for _, cut, _ in refiner.asked[first_of_new - 1 : first_of_new + 2]] == [
        False,
        True,
        False,
    ]
    ids = [frame.id for frame in pictures(recording_sink.frames)]
    assert ids == sorted(set(ids)), "each frame once, and in order"


def fail(*_):
    raise BackendFailed("told to fail", "now", "Wait")


def run_out(*_):
    raise MemoryError


@pytest.mark.parametrize("failure", [fail, run_out])
@pytest.mark.parametrize("at", ["on_open", "on_segment"])
def test_a_model_that_cannot_run_is_told_and_the_old_one_goes_on(
    steady, build, recording_sink, failure, at
):
    old, new = ThreadedSegmenter(), ThreadedSegmenter(**{at: failure})
    pipeline = build(segmenters=[old])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        before = len(recording_sink.frames)
        with pytest.raises(SegCamError):
            pipeline.change_segmenters([new])
        assert pipeline.trouble is None
        assert pipeline.segmenter is old
        assert not new.is_open
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change_segmenters([ThreadedSegmenter()])
        assert comes(recording_sink, is_plain(GREEN))
    assert not any(frame.is_placeholder for frame in recording_sink.frames[before:-1])


def test_a_spare_takes_over_where_the_first_of_the_new_ones_cannot_run(build, recording_sink):
    broken, spare = ThreadedSegmenter(on_segment=fail), ThreadedSegmenter()
    pipeline = build()
    with pipeline:
        pipeline.change_segmenters([broken, spare])
        assert pipeline.segmenter is spare
        assert comes(recording_sink, is_plain(GREEN))
    assert not broken.is_open


def test_a_model_that_hangs_can_be_exchanged(build, recording_sink, monkeypatch):
    monkeypatch.setattr(relay, "JOIN_S", 0.2)
    old, new, gate = ThreadedSegmenter(), ThreadedSegmenter(), Gate()
    pipeline = build(segmenters=[old])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        old.on_segment = gate
        assert gate.reached.wait(LIMIT_S)
        pipeline.change_segmenters([new])
        assert recording_sink.wait_for(lambda _: new.frames > 10)
        gate.opened.set()
        assert recording_sink.wait_for(lambda _: not old.is_open)
        assert comes(recording_sink, is_plain(GREEN))
    assert pipeline.pool.free == pipeline.pool.depth
    ids = [frame.id for frame in pictures(recording_sink.frames)]
    assert ids == sorted(set(ids)), "what hung came too late"


def test_one_change_waits_for_the_other_and_none_waits_for_a_background(build, recording_sink):
    loading = Gate()
    first, second = ThreadedSegmenter(on_open=loading), ThreadedSegmenter()
    pipeline = build()
    with (
        pipeline,
        meanwhile(lambda: pipeline.change_segmenters([first])),
    ):
        assert loading.reached.wait(LIMIT_S)
        with meanwhile(lambda: pipeline.change_segmenters([second])):
            start = time.monotonic()
            pipeline.change(compositor=RoomHidden(Color(BLUE)))
            assert time.monotonic() - start < LIMIT_S / 2, "the gate's own limit"
            assert comes(recording_sink, is_plain(BLUE))
            assert not second.threads
            loading.opened.set()
        assert pipeline.segmenter is second
        assert not first.is_open


def test_a_stop_ends_a_change_under_way(build, recording_sink):
    loading = Gate()
    old, new = ThreadedSegmenter(), ThreadedSegmenter(on_open=loading)
    before = set(threading.enumerate())
    pipeline = build(segmenters=[old])
    pipeline.start()
    with meanwhile(lambda: pipeline.change_segmenters([new])) as raised:
        assert loading.reached.wait(LIMIT_S)
        threading.Timer(0.2, loading.opened.set).start()
        pipeline.stop()
    assert "stopping" in str(raised[0])
    assert not new.is_open
    assert not old.is_open
    assert pipeline.pool.free == pipeline.pool.depth
    assert until(lambda: set(threading.enumerate()) <= before)
    with pytest.raises(SegCamError, match="stopping"):
        pipeline.change_segmenters([ThreadedSegmenter()])


def test_changes_of_all_kinds_at_once_lock_nothing_and_lose_no_lease(build, recording_sink):
    pipeline = build()

    def change_model(turn):
        kinds = (ThreadedSegmenter((18 + turn % 3, 32)), ThreadedSegmenter(on_open=fail))
        pipeline.change_segmenters([kinds[turn % 4 == 0]])

    def change_background(turn):
        compositors = (RoomHidden(Color(GREEN)), RoomShown(), RoomHidden(Blurred(turn)))
        pipeline.change(compositor=compositors[turn % 3], mirror=bool(turn % 2))

    def repeat(work):
        for turn in range(25):
            try:
                work(turn)
            except BackendFailed:
                assert turn % 4 == 0

    with pipeline:
        works = [change_model, change_background] * 2
        threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        pipeline.change(compositor=RoomHidden(Color(GREEN)))
        assert comes(recording_sink, is_plain(GREEN))
        assert not pipeline.stalled
    assert pipeline.pool.free == pipeline.pool.depth
