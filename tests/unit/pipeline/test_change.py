"""What is exchanged while frames flow: background, refiner, mirror and model."""

import threading
import time
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest

from segcam.composite.background import Blurred, Plain
from segcam.composite.compositor import RoomHidden, RoomShown
from segcam.errors import BackendFailed, SegCamError, SinkError
from segcam.pipeline import pipeline as pipeline_module
from segcam.pipeline import relay
from segcam.pipeline.pipeline import Pipeline
from segcam.sink.several import Several
from segcam.source.pattern import Pattern, room

SIZE = (90, 160)
RATE_HZ = Fraction(120)
GREEN, BLUE = (145, 54, 34), (41, 240, 110)


class ThreadedSegmenter:
    """Sees nobody, minds on which threads it is used, and does what it is told."""

    model = "threaded"

    def __init__(self, matte_size=(18, 32), on_open=lambda: None, on_segment=lambda: None):
        self.matte_size = matte_size
        self.on_open, self.on_segment = on_open, on_segment
        self.threads = set()
        self.frames = 0
        self.is_open = False

    def open(self):
        self.threads.add(threading.get_ident())
        self.on_open()
        self.is_open = True

    def segment(self, frame, out):
        self.threads.add(threading.get_ident())
        assert out.shape == self.matte_size
        self.on_segment()
        self.frames += frame.id >= 0
        out.fill(0)

    def close(self):
        self.threads.add(threading.get_ident())
        self.is_open = False


class MindfulRefiner:
    """Keeps what it was asked: which frame, whether to forget, and how large the matte was."""

    edges = "fast"

    def __init__(self):
        self.asked, self.closed = [], 0
        self.on_first = lambda: None

    def refine(self, coarse, frame, out):
        assert not self.closed
        if not self.asked:
            self.on_first()
        self.asked.append((frame.id, frame.cut, coarse.shape))
        out.fill(0)

    def close(self):
        self.closed += 1


class Gate:
    """Something that comes back when it is opened."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, *_):
        self.reached.set()
        assert self.opened.wait(20)


@pytest.fixture
def build(recording_sink):
    def make(**changes):
        parts = {
            "segmenters": [ThreadedSegmenter()],
            "refiner": MindfulRefiner(),
            "compositor": RoomHidden(Plain(GREEN)),
            "sink": recording_sink,
            **changes,
        }
        return Pipeline(Pattern(SIZE, RATE_HZ), **parts)

    return make


@contextmanager
def meanwhile(work):
    """Runs ``work`` on another thread; what it raised is in the list afterwards."""
    raised = []

    def run():
        try:
            work()
        except SegCamError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield raised
    thread.join(20)
    assert not thread.is_alive()


def is_plain(yuv):
    return lambda frame: [int(plane[2, 2]) for plane in frame.planes] == list(yuv)


def shows_room(frame):
    wall, picture = (f.y[:30, :40].astype(float).ravel() for f in (room(SIZE), frame))
    return picture.std() > 1 and np.corrcoef(picture, wall)[0, 1] > 0.5


def comes(sink, wanted, limit_s=5.0):
    """Whether such a frame comes from now on."""
    seen = len(sink.frames)
    return sink.wait_for(lambda frames: any(map(wanted, frames[seen:])), limit_s)


def pictures(frames):
    return [frame for frame in frames if not frame.card]


def test_the_background_changes_for_every_frame_from_then_on(build, recording_sink):
    pipeline = build()
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomHidden(Plain(BLUE)))
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
        assert sending.reached.wait(5)
        time.sleep(0.1)  # by now the next one lies there
        with meanwhile(lambda: pipeline.change(compositor=RoomHidden(Plain(GREEN)))) as raised:
            assert segmenting.reached.wait(5)
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
        assert gate.reached.wait(5)
        with pytest.raises(SinkError, match="hangs"):
            pipeline.change(compositor=RoomHidden(Plain(GREEN)))
        recording_sink.send = send
        gate.opened.set()
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomHidden(Plain(BLUE)))


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
    assert callers[0] is threading.current_thread(), "it loads before the frames come"
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


def test_no_frame_waits_for_what_a_refiner_loads(build, recording_sink):
    loading, slow = Gate(), MindfulRefiner()
    slow.on_first = loading
    pipeline = build()
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        with meanwhile(lambda: pipeline.change(refiner=slow)):
            assert loading.reached.wait(5)
            before = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames: len(frames) > before + 30)
            loading.opened.set()
        assert recording_sink.wait_for(lambda _: len(slow.asked) > 5)
    assert not any(frame.card for frame in recording_sink.frames[before:-1])
    assert [cut for _, cut, _ in slow.asked[:4]] == [True, True, False, False]


def test_a_refiner_forgets_what_it_saw_before_none(build, recording_sink):
    refiner = MindfulRefiner()
    pipeline = build(refiner=refiner)
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(compositor=RoomShown())
        assert comes(recording_sink, shows_room)
        before = len(refiner.asked)
        pipeline.change(compositor=RoomHidden(Plain(GREEN)))
        assert recording_sink.wait_for(lambda _: len(refiner.asked) > before + 5)
    assert [cut for _, cut, _ in refiner.asked[before : before + 3]] == [True, False, False]


def test_another_model_takes_over_and_no_frame_waits_for_it(build, recording_sink):
    refiner, loading = MindfulRefiner(), Gate()
    old, new = ThreadedSegmenter(), ThreadedSegmenter((36, 64), on_open=loading)
    pipeline = build(segmenters=[old], refiner=refiner)
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        with meanwhile(lambda: pipeline.change_segmenters([new])) as raised:
            assert loading.reached.wait(5)
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
    assert not any(frame.card for frame in recording_sink.frames[before:-1])
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
    build, recording_sink, failure, at
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
    assert not any(frame.card for frame in recording_sink.frames[before:-1])


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
        assert gate.reached.wait(5)
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
        assert loading.reached.wait(5)
        with meanwhile(lambda: pipeline.change_segmenters([second])):
            start = time.monotonic()
            pipeline.change(compositor=RoomHidden(Plain(BLUE)))
            assert time.monotonic() - start < 1
            assert comes(recording_sink, is_plain(BLUE))
            assert not second.threads
            loading.opened.set()
        assert pipeline.segmenter is second
        assert not first.is_open


def test_a_stop_ends_a_change_under_way(build, recording_sink):
    loading = Gate()
    old, new = ThreadedSegmenter(), ThreadedSegmenter(on_open=loading)
    threads = threading.active_count()
    pipeline = build(segmenters=[old])
    pipeline.start()
    with meanwhile(lambda: pipeline.change_segmenters([new])) as raised:
        assert loading.reached.wait(5)
        threading.Timer(0.2, loading.opened.set).start()
        pipeline.stop()
    assert "about to end" in str(raised[0])
    assert not new.is_open
    assert not old.is_open
    assert pipeline.pool.free == pipeline.pool.depth
    deadline = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == threads
    with pytest.raises(SegCamError, match="about to end"):
        pipeline.change_segmenters([ThreadedSegmenter()])


def test_changes_of_all_kinds_at_once_lock_nothing_and_lose_no_lease(build, recording_sink):
    pipeline = build()

    def change_model(turn):
        kinds = (ThreadedSegmenter((18 + turn % 3, 32)), ThreadedSegmenter(on_open=fail))
        pipeline.change_segmenters([kinds[turn % 4 == 0]])

    def change_background(turn):
        compositors = (RoomHidden(Plain(GREEN)), RoomShown(), RoomHidden(Blurred(turn)))
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
        pipeline.change(compositor=RoomHidden(Plain(GREEN)))
        assert comes(recording_sink, is_plain(GREEN))
        assert not pipeline._watchdog.stalled
    assert pipeline.pool.free == pipeline.pool.depth
