"""Work that a frame need not wait for is done after it was passed on."""

import threading

import pytest
from support.changing import GREEN, SIZE, MindfulRefiner, ThreadedSegmenter

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import BackendFailed, BackendLost, MatteRejected
from segcam.pipeline.look import CurrentLook, Look
from segcam.pipeline.pool import Pool, lease_slot
from segcam.pipeline.segment import FAILURES, SegmentStage
from segcam.pipeline.stats import Stats


class LookingAround(ThreadedSegmenter):
    """Notes what `on_look` says when it looks around."""

    def __init__(self, on_look):
        super().__init__()
        self.on_look, self.owes_look = on_look, False

    def segment(self, frame, out):
        self.owes_look = True
        return super().segment(frame, out)

    def look_around(self):
        self.owes_look = False
        self.on_look()


class Line:
    """A segment stage between two slots, and no threads."""

    def __init__(self, on_look):
        self.pool, stats = Pool(SIZE), Stats()
        self.inbox, self.outbox = (lease_slot(self.pool, stats, live=False) for _ in range(2))
        look = CurrentLook(Look(RoomHidden(Color(GREEN)), MindfulRefiner()))
        self.stage = SegmentStage(
            self.inbox,
            self.outbox,
            self.pool,
            stats,
            current=look,
            find=lambda: [LookingAround(self.look)],
        )
        self.on_look = on_look
        self.stage.open()
        self.stage.begin()
        self.filled = self.pool.acquire()  # as the capture worker

    def look(self):
        self.inbox.wake()  # no frame will come
        self.on_look(self)

    def step(self):
        """Segment a frame, and let the stage wait for the next one."""
        self.inbox.put(self.pool.acquire())
        self.stage.step()
        self.stage.step()

    def send(self):
        lease = self.outbox.take(0)
        assert lease.has_matte
        self.pool.release(lease)


def test_the_segmenter_looks_around_when_the_frame_has_been_sent():
    resting = []
    line = Line(lambda line: resting.append(line.pool.at_rest))
    line.inbox.put(line.pool.acquire())
    line.stage.step()
    assert not resting
    threading.Timer(0.002, line.send).start()
    line.stage.step()
    assert resting == [True]


def test_a_frame_that_comes_before_the_last_one_was_sent_does_not_wait():
    looks = []
    line = Line(lambda _: looks.append("around"))
    for _ in range(2):
        line.inbox.put(line.pool.acquire())
    line.stage.step()
    line.stage.step()
    assert not looks
    assert line.outbox.take(0).has_matte
    assert line.outbox.take(0).has_matte


def test_an_output_that_hangs_does_not_prevent_the_look():
    looks = []
    Line(lambda _: looks.append("around")).step()
    assert looks == ["around"]


def fail_with(error):
    def on_look(line):
        raise error

    return Line(on_look)


def test_a_look_that_fails_costs_no_frame():
    line = fail_with(MatteRejected("told to"))
    for _ in range(5):
        line.step()
        line.send()
    assert line.pool.at_rest


def test_a_process_lost_while_it_looks_around_is_known_as_lost():
    line = fail_with(BackendLost("told to"))
    with pytest.raises(BackendLost):
        line.step()
    line.send()
    assert line.pool.at_rest


def test_looks_that_fail_between_good_frames_do_not_give_the_backend_up():
    line = fail_with(BackendFailed("told to"))
    for _ in range(2 * FAILURES):
        line.step()
        line.pool.release(line.outbox.take(0))
