"""While nothing moves, frames share a matte, which is refined once."""

import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
from support.changing import GREEN, SIZE, MindfulRefiner, ThreadedSegmenter, build, comes, is_plain

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import MatteRejected
from segcam.pipeline.demand import Demand
from segcam.pipeline.look import CurrentLook, Look
from segcam.pipeline.output import Output
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.pool import Pool
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
from segcam.sink.null import NullSink
from segcam.source.pattern import Pattern

__all__ = ["build"]


class Sharing(ThreadedSegmenter):
    """Infers each ``period``-th frame and those after a cut, and rejects what it is told to."""

    def __init__(self, period, rejected=()):
        super().__init__()
        self.period, self.rejected = period, rejected

    def segment(self, frame, out):
        super().segment(frame, out)
        if frame.id in self.rejected:
            raise MatteRejected("told to")
        return frame.cut or frame.id % self.period == 0


def run_twelve(segmenter, refiner, source=Pattern):
    pipeline = Pipeline(
        source(SIZE, Fraction(30), live=False, frames=12),
        segmenters=[segmenter],
        refiner=refiner,
        compositor=RoomHidden(Color(GREEN)),
        sink=NullSink(),
    )
    with pipeline:
        pipeline.wait()
    assert pipeline.stats.sent == 12
    return pipeline.stats


def asked(refiner):
    """Frames and whether to forget; without the trial before the first, which is larger."""
    return [(frame_id, cut) for frame_id, cut, size in refiner.asked if size == (18, 32)]


def test_a_shared_matte_is_refined_once():
    refiner = MindfulRefiner()
    stats = run_twelve(Sharing(3), refiner)
    assert asked(refiner) == [(0, True), (3, False), (6, False), (9, False)]
    assert stats.reused == 8
    assert stats.hidden == 0


def test_each_matte_of_its_own_is_refined():
    refiner = MindfulRefiner()
    stats = run_twelve(Sharing(1), refiner)
    assert [frame_id for frame_id, _ in asked(refiner)] == [*range(12)]
    assert stats.reused == 0


def test_after_a_hidden_frame_a_shared_matte_is_refined_anew():
    refiner = MindfulRefiner()
    stats = run_twelve(Sharing(3, rejected=(4,)), refiner)
    assert asked(refiner) == [(0, True), (3, False), (5, True), (6, False), (9, False)]
    assert stats.hidden == 1


def test_a_matte_that_showed_too_much_is_not_believed_for_the_next_frames_either():
    class Swelling(MindfulRefiner):
        def refine(self, coarse, frame, out):
            super().refine(coarse, frame, out)
            out.fill(255)

    refiner = Swelling()
    stats = run_twelve(Sharing(3), refiner)
    assert stats.hidden == 12
    assert len(asked(refiner)) == 12


def test_a_shared_matte_is_refined_anew_for_a_picture_of_another_size():
    class Growing(Pattern):
        def read(self, out):
            more = super().read(out)
            if out.id >= 6:
                out.resize((2 * SIZE[0], 2 * SIZE[1]))
                out.fill((16, 128, 128))
            return more

    refiner = MindfulRefiner()
    run_twelve(Sharing(1_000_000), refiner, Growing)
    assert asked(refiner) == [(0, True), (6, True)]


def test_what_a_pause_has_swallowed_is_not_built_upon(recording_sink):
    """A frame that told of a cut may be among it."""
    refiner, slot, pool = MindfulRefiner(), Slot(True, lambda _: None), Pool(SIZE, (18, 32))
    output = Output(
        slot,
        pool,
        Stats(),
        current=CurrentLook(Look(RoomHidden(Color(GREEN)), refiner, mirror=False)),
        target=Target(recording_sink, SIZE, Fraction(30)),
        live=True,
        fit=True,
        capture_down=lambda: False,
        demand=Demand(linger_s=0.0),
    )
    output.open()
    inference = object()
    for index, watched in enumerate((True, True, False, True)):
        recording_sink.used = watched
        lease = pool.acquire()
        lease.frame.stamp(index, time.monotonic_ns(), cut=index == 0)
        lease.has_matte, lease.inference = True, inference
        slot.put(lease)
        assert output.step()
    output.close()
    assert asked(refiner) == [(0, True), (3, True)]


def test_another_refiner_makes_its_own_of_a_shared_matte(build, recording_sink):
    other = MindfulRefiner()
    pipeline = build(segmenters=[Sharing(1_000_000)])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        pipeline.change(refiner=other)
        assert comes(recording_sink, is_plain(GREEN))
        assert comes(recording_sink, is_plain(GREEN))
    assert [cut for _, cut in asked(other)] == [True]


def test_a_composite_is_made_of_every_frame(build, recording_sink):
    class Half(MindfulRefiner):
        def refine(self, coarse, frame, out):
            super().refine(coarse, frame, out)
            out[:, : SIZE[1] // 2] = 255

    class Seeing(Sharing):
        def segment(self, frame, out):
            inferred = super().segment(frame, out)
            out[:, : out.shape[1] // 2] = 1
            return inferred

    refiner = Half()
    pipeline = build(segmenters=[Seeing(1_000_000)], refiner=refiner)
    with pipeline:
        assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    pictures = [
        frame.y[:, : SIZE[1] // 2] for frame in recording_sink.frames if not frame.is_placeholder
    ]
    assert len(asked(refiner)) == 1
    assert all(not np.array_equal(a, b) for a, b in pairwise(pictures))
