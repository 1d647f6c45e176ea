"""A background, a mirror, a refiner exchanged while frames flow."""

import threading
import time

import numpy as np
import pytest
from support.changing import (
    BLUE,
    GREEN,
    SIZE,
    Gate,
    MindfulRefiner,
    ThreadedSegmenter,
    build,
    comes,
    is_plain,
    meanwhile,
    pictures,
    shows_room,
    steady,
)
from support.waiting import LIMIT_S

from segcam.composite.background import Blurred, Color
from segcam.composite.compositor import RoomHidden, RoomShown
from segcam.errors import SinkError
from segcam.pipeline import pipeline as pipeline_module
from segcam.sink.several import Several
from segcam.source.pattern import room

__all__ = ["build", "steady"]


def test_the_background_changes_for_every_frame_from_then_on(build, recording_sink):
    pipeline = build()
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomHidden(Color(BLUE)))
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert all(map(is_plain(BLUE), pictures(recording_sink.frames[seen:])))


@pytest.mark.parametrize("several", [False, True])
def test_back_from_none_nothing_is_sent_any_more_that_shows_the_room(
    build, recording_sink, several
):
    send = recording_sink.send

    def send_slowly(frame):
        time.sleep(0.004)  # of 8: half of the changes come while a frame is being sent
        send(frame)

    recording_sink.send = send_slowly
    pipeline = build(sink=Several([recording_sink]) if several else recording_sink)
    shown = []
    with pipeline:
        for turn in range(30):
            pipeline.change(compositor=RoomShown())
            assert comes(recording_sink, shows_room)
            time.sleep(turn % 8 / 1000)
            pipeline.change(compositor=RoomHidden(Blurred(0)))
            hidden_from = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames, n=hidden_from: len(frames) > n + 3)
            shown += map(shows_room, recording_sink.frames[hidden_from:])
    assert len(shown) >= 90
    assert not any(shown)


def test_a_frame_that_was_not_segmented_under_none_stays_hidden(build, recording_sink):
    """It lies behind the segment stage when the background changes."""
    sending, segmenting, send = Gate(), Gate(), recording_sink.send
    segmenter = ThreadedSegmenter()
    pipeline = build(compositor=RoomShown(), segmenters=[segmenter])
    with pipeline:
        assert comes(recording_sink, shows_room)
        segmenter.on_segment = segmenting
        recording_sink.send = lambda frame: (sending(), send(frame))
        assert sending.reached.wait(LIMIT_S)
        time.sleep(0.1)  # by now the next one lies there
        with meanwhile(lambda: pipeline.change(compositor=RoomHidden(Color(GREEN)))) as raised:
            assert segmenting.reached.wait(LIMIT_S)
            recording_sink.send = send
            sending.opened.set()
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda _: pipeline.stats.hidden == 1)
        segmenting.opened.set()
        assert comes(recording_sink, is_plain(GREEN))
    assert not raised
    assert not any(map(shows_room, recording_sink.frames[seen:]))


def test_to_none_only_frames_from_then_on_show_the_room(build, recording_sink):
    pipeline = build()
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        assert not any(map(shows_room, recording_sink.frames))
        pipeline.change(compositor=RoomShown())
        assert comes(recording_sink, shows_room)


@pytest.mark.parametrize("several", [False, True])
def test_an_output_that_hangs_with_a_frame_from_before_is_told(
    build, recording_sink, several, monkeypatch
):
    monkeypatch.setattr(pipeline_module, "SEND_S", 0.3)
    gate, send = Gate(), recording_sink.send
    sink = Several([recording_sink]) if several else recording_sink
    pipeline = build(sink=sink, compositor=RoomShown())
    with pipeline:
        assert comes(recording_sink, shows_room)
        recording_sink.send = lambda frame: (gate(), send(frame))
        assert gate.reached.wait(LIMIT_S)
        with pytest.raises(SinkError, match="hangs"):
            pipeline.change(compositor=RoomHidden(Color(GREEN)))
        recording_sink.send = send
        gate.opened.set()
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomHidden(Color(BLUE)))


def test_the_mirror_turns_and_the_refiner_forgets(build, recording_sink):
    refiner = MindfulRefiner()
    pipeline = build(refiner=refiner)
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        before = len(refiner.asked)
        pipeline.change(mirror=True)
        assert recording_sink.wait_for(lambda _: len(refiner.asked) > before + 10)
        pipeline.change(compositor=RoomShown())
        mirrored = room(SIZE).y[:20, ::-1][:, :30]
        assert comes(recording_sink, lambda frame: np.array_equal(frame.y[:20, :30], mirrored))
    assert sum(cut for _, cut, _ in refiner.asked[before:]) == 1


def test_the_first_frame_finds_the_refiner_loaded(build, recording_sink):
    callers = []

    class Loading(MindfulRefiner):
        def refine(self, coarse, frame, out):
            callers.append(threading.current_thread())
            super().refine(coarse, frame, out)

    refiner = Loading()
    with build(refiner=refiner):
        assert recording_sink.wait_for(lambda _: len(refiner.asked) > 5)
    assert callers[0].name == "segcam-segment", "it loads before the frames come"
    assert callers[0] not in callers[1:]
    assert refiner.asked[1][1], "and is to forget what it saw then"


def test_a_refiner_is_closed_when_another_takes_over_and_at_the_end(build, recording_sink):
    first, second = MindfulRefiner(), MindfulRefiner()
    pipeline = build(refiner=first)
    with pipeline:
        assert recording_sink.wait_for(lambda _: first.asked)
        pipeline.change(refiner=second)
        assert first.closed
        pipeline.change(refiner=second, mirror=True)
        assert not second.closed
        assert recording_sink.wait_for(lambda _: len(second.asked) > 5)
    assert second.closed


def test_no_frame_waits_for_what_a_refiner_loads(steady, build, recording_sink):
    loading, slow = Gate(), MindfulRefiner()
    slow.on_first = loading
    pipeline = build()
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        with meanwhile(lambda: pipeline.change(refiner=slow)):
            assert loading.reached.wait(LIMIT_S)
            before = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames: len(frames) > before + 30)
            loading.opened.set()
        assert recording_sink.wait_for(lambda _: len(slow.asked) > 5)
    assert not any(frame.is_placeholder for frame in recording_sink.frames[before:-1])
    assert [cut for _, cut, _ in slow.asked[:4]] == [True, True, False, False]


def test_a_refiner_forgets_what_it_saw_before_none(build, recording_sink):
    refiner = MindfulRefiner()
    pipeline = build(refiner=refiner)
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomShown())
        assert comes(recording_sink, shows_room)
        before = len(refiner.asked)
        pipeline.change(compositor=RoomHidden(Color(GREEN)))
        assert recording_sink.wait_for(lambda _: len(refiner.asked) > before + 5)
    assert [cut for _, cut, _ in refiner.asked[before : before + 3]] == [True, False, False]
