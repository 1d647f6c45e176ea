"""Describes the run for clients."""

from __future__ import annotations

import os
import time

import segcam
from segcam.api.messages import OutputStatus, Status
from segcam.daemon.engine import Engine
from segcam.errors import SegCamError
from segcam.sink.base import Sink


def status(engine: Engine) -> Status:
    """How it is now. From any thread; the search for viewers takes some milliseconds."""
    pipeline, choices = engine.pipeline, engine.choices
    counters = pipeline.stats.snapshot()
    segmenter = pipeline.segmenter
    height, width = engine.info.size
    return Status(
        version=segcam.__version__,
        pid=os.getpid(),
        since=engine.since.isoformat(timespec="seconds"),
        uptime_s=round(time.monotonic() - engine.started_s, 3),
        source=engine.info.name,
        source_on=pipeline.source_is_open,
        width=width,
        height=height,
        rate_hz=float(engine.info.rate_hz),
        model=segmenter.model,
        backend=segmenter.backend.name,
        background=choices.background,
        edges=pipeline.edges,
        mirror=choices.mirror,
        outputs=_outputs(engine.sink, pipeline.demand.in_use),
        in_use=pipeline.demand.in_use,
        trouble=_told(pipeline.trouble),
        stages_ms=counters.pop("stages_ms"),
        counters=counters,
    )


def _outputs(sink: Sink, in_use: bool) -> list[OutputStatus]:
    return [
        OutputStatus(each.sink.name, each.in_use, each.sink.viewers(), _told(each.trouble))
        for each in sink.outputs(in_use)
    ]


def _told(error: SegCamError | None) -> dict[str, str | bool] | None:
    return error.as_dict() if error is not None else None
