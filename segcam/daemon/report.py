"""What there is to say about the run."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import datetime

import segcam
from segcam.api.messages import OutputStatus, Status
from segcam.errors import SegCamError
from segcam.pipeline.networks import Networks
from segcam.pipeline.pipeline import Pipeline
from segcam.sink.base import Sink
from segcam.sink.several import Several
from segcam.source.base import SourceInfo


@dataclass(frozen=True)
class Run:
    """A pipeline that runs, and what it was made of.

    Attributes:
        pipeline: Started.
        info: What its source said.
        networks: What its segmenters are.
        sink: Where its frames go.
        background: As it was asked for.
    """

    pipeline: Pipeline
    info: SourceInfo
    networks: Networks
    sink: Sink
    background: str
    since: datetime = field(default_factory=lambda: datetime.now().astimezone())
    started_s: float = field(default_factory=time.monotonic)

    def status(self) -> Status:
        """How it is now. From any thread; the search for viewers takes some milliseconds."""
        pipeline = self.pipeline
        counters = pipeline.stats.snapshot()
        segmenters = self.networks.segmenters
        segmenter = segmenters[min(counters["fallbacks"], len(segmenters) - 1)]
        height, width = self.info.size
        return Status(
            version=segcam.__version__,
            pid=os.getpid(),
            since=self.since.isoformat(timespec="seconds"),
            uptime_s=round(time.monotonic() - self.started_s, 3),
            source=self.info.name,
            source_on=pipeline.source_is_open,
            width=width,
            height=height,
            rate_hz=float(self.info.rate_hz),
            model=segmenter.model,
            backend=segmenter.backend.name,
            background=self.background,
            outputs=_outputs(self.sink, pipeline.demand.in_use),
            in_use=pipeline.demand.in_use,
            trouble=_told(pipeline.trouble),
            stages_ms=counters.pop("stages_ms"),
            counters=counters,
        )


def _outputs(sink: Sink, in_use: bool) -> list[OutputStatus]:
    if isinstance(sink, Several):
        return [_output(each.sink, each.in_use, each.trouble) for each in sink.members]
    return [_output(sink, in_use, None)]


def _output(sink: Sink, in_use: bool, trouble: SegCamError | None) -> OutputStatus:
    return OutputStatus(sink.name, in_use, sink.viewers(), _told(trouble))


def _told(error: SegCamError | None) -> dict[str, str | bool] | None:
    return error.as_dict() if error is not None else None
