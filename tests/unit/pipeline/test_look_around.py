"""Work that a frame need not wait for is done after it was passed on."""

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
        self.on_look = on_look

    def look_around(self):
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
            find=lambda: [LookingAround(lambda: on_look(self))],
        )
        self.stage.open()
        self.stage.begin()

    def step(self):
        self.inbox.put(self.pool.acquire())
        self.stage.step()


def test_a_frame_has_gone_on_before_the_segmenter_looks_around():
    taken = []
    line = Line(lambda line: taken.append(line.outbox.take(0)))
    line.step()
    assert [lease.has_matte for lease in taken] == [True]


def fail_with(error):
    def on_look(line):
        raise error

    return Line(on_look)


def test_a_look_that_fails_costs_no_frame():
    line = fail_with(MatteRejected("told to"))
    for _ in range(5):
        line.step()
        lease = line.outbox.take(0)
        assert lease.has_matte
        line.pool.release(lease)
    assert line.pool.free == line.pool.depth


def test_a_process_lost_while_it_looks_around_is_known_as_lost():
    line = fail_with(BackendLost("told to"))
    with pytest.raises(BackendLost):
        line.step()
    line.pool.release(line.outbox.take(0))
    assert line.pool.free == line.pool.depth


def test_looks_that_fail_between_good_frames_do_not_give_the_backend_up():
    line = fail_with(BackendFailed("told to"))
    for _ in range(2 * FAILURES):
        line.step()
        line.pool.release(line.outbox.take(0))
