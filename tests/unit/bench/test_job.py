"""The measurements themselves, on a few small pictures."""

from dataclasses import replace

import numpy as np
import pytest

from segcam.bench.copies import Copies
from segcam.bench.footage import moving
from segcam.bench.job import Job, cost
from segcam.bench.systems import in_turn
from segcam.bench.unwatched import unwatched_share
from segcam.frame import BLACK, Frame

SIZE = (90, 160)


@pytest.fixture(scope="module")
def job():
    return Job(moving(None, SIZE, 12))


@pytest.mark.models
def test_all_stages_cost_more_than_the_least_work(job):
    figures = cost(job, rounds=1)
    least = figures["decode_ms"] + figures["inference_ms"]
    assert figures["cpu_ms"] > least > 0
    assert figures["cost_ratio"] == pytest.approx(figures["cpu_ms"] / least)
    assert figures["copies"] == 0
    assert {"capture", "segment", "refine", "composite", "send"} <= figures["stages_ms"].keys()


@pytest.mark.models
def test_sharp_edges_are_counted_as_work_that_must_be(job):
    assert cost(replace(job, edges="sharp"), rounds=1)["edges_ms"] > 0


@pytest.mark.models
def test_live_the_latency_is_told(job):
    assert cost(replace(job, live_s=1.0), rounds=1)["latency_p95_ms"] > 0


@pytest.mark.models
@pytest.mark.parametrize("copies", [True, False])
def test_one_step_after_the_other_takes_as_long_as_its_latencies(job, copies):
    figures = in_turn(job, copies)
    assert figures["rate_hz"] > 0
    assert figures["latency_ms"] > 0


@pytest.mark.models
def test_while_nobody_watches_next_to_nothing_is_done(job):
    assert unwatched_share(replace(job, live_s=1.0), 1.0) < 0.2


def test_whole_frames_are_counted_and_small_arrays_are_not():
    copies, frame = Copies(SIZE), Frame.filled(SIZE, BLACK).data
    with copies.counted():
        for _ in range(3):
            np.copyto(np.empty_like(frame), frame)
            np.copyto(np.empty((10, 10), np.uint8), frame[:10, :10])
            np.copyto(np.empty(frame.shape, np.float32), frame)
    np.copyto(np.empty_like(frame), frame)
    assert copies.per_frame(3) == 1
