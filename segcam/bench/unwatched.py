"""Measures the cost of a run while nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable

from segcam.bench.job import Job, assembled
from segcam.pipeline.stats import processor_ns
from segcam.sink.null import NullSink

_CALM_S = 2.0


class Unwatched(NullSink):
    """A camera without viewers that notifies, like PipeWire."""

    is_camera = True

    def in_use(self) -> bool:
        """See `Sink.in_use`."""
        return False

    def notify(self, wake: Callable[[], object]) -> bool:
        """See `Sink.notify`."""
        del wake
        return True


def unwatched_share(job: Job, seconds: float) -> float:
    """The pipeline's share of one processor while nobody watches.

    Args:
        job: Live.
        seconds: How long to measure.
    """
    pipeline = assembled(job, Unwatched())
    with pipeline:
        pipeline.wait(_CALM_S)
        cpu, wall = processor_ns(), time.perf_counter()
        pipeline.wait(seconds)
        return (processor_ns() - cpu) / 1e9 / (time.perf_counter() - wall)
