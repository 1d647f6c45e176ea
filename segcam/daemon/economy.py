"""Keeps the run inside its processor budget: measures each second, applies the governor's steps."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from segcam.daemon.governor import Governor, Load, Step
from segcam.errors import SegCamError, foreign
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.stats import processor_ns
from segcam.segment.registry import SPECS
from segcam.settings import Settings
from segcam.size import Size
from segcam.zoo.library import DEFAULT

if TYPE_CHECKING:
    from segcam.daemon.engine import Engine

log = logging.getLogger(__name__)

PERIOD_S = 1.0
USUAL_CORES, USUAL_PIXELS_HZ = 0.5, 720 * 1280 * 30
"""The default budget, and the picture that it is for; a larger or faster picture gets more, in
proportion."""


class Meters(NamedTuple):
    """Read each second: time, processor time of all processes, and frames so far."""

    now_s: float
    spent_ns: int
    captured: int
    dropped: int


def read_meters(pipeline: Pipeline) -> Meters:
    """The current values."""
    stats = pipeline.stats
    return Meters(time.monotonic(), processor_ns(), stats.captured, stats.dropped)


class Economy:
    """A thread that governs an engine. ``with economy:`` starts and stops it.

    Args:
        engine: Is governed.
        read: Reads the meters.
    """

    def __init__(self, engine: Engine, read: Callable[[Pipeline], Meters] = read_meters) -> None:
        self._engine = engine
        self._read = read
        self._governor = Governor()
        self._wishes = engine.requested
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="segcam-economy", daemon=True)
        self._before: Meters | None = None

    def __enter__(self) -> Economy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            try:
                self.look()
            except SegCamError as error:  # the model cannot be loaded now, perhaps later
                log.warning("saving failed: %s", error)
            except Exception as error:  # keep governing after any fault
                log.warning("saving failed: %s", foreign(error))

    def look(self) -> None:
        """Measure the cost since the last look, and act on it.

        Raises:
            SegCamError: A step cannot be applied.
        """
        pipeline, wishes = self._engine.pipeline, self._engine.requested
        if pipeline is None or pipeline.target is None or not pipeline.source_is_open:
            self._before = None
            return
        if wishes != self._wishes:
            self._wishes = wishes
            self._governor.begin_anew()
        before, now = self._before, self._read(pipeline)
        self._before = now
        if before is None or now.captured == before.captured:
            return
        if self._engine.trying or pipeline.coming:  # no step makes a driver's compiler cheaper
            return
        budget = budget_of(wishes, pipeline.target.size, pipeline.target.rate_hz)
        useful = tuple(offered(wishes, pipeline))
        steps = self._governor.decide(_load(before, now), budget, useful, now.now_s)
        if tuple(steps) != tuple(self._engine.saving):
            self._save(pipeline, steps)

    def _save(self, pipeline: Pipeline, steps: Sequence[Step]) -> None:
        engine, before = self._engine, self._engine.saving
        engine.saving = steps
        if ("smaller model" in steps) != ("smaller model" in before):
            try:
                engine.reload()
            except BaseException:
                engine.saving = before
                raise
        engine.draw_edges()
        pipeline.thin_out(2 if "fewer frames" in steps else 1)
        log.info("to save processor time: %s", ", ".join(steps) or "nothing")
        engine.changed()


def _load(before: Meters, now: Meters) -> Load:
    elapsed_s, spent_ns, captured, dropped = (
        new - old for new, old in zip(now, before, strict=True)
    )
    return Load(spent_ns / 1e9 / elapsed_s, dropped / captured)


def budget_of(settings: Settings, size: Size, rate_hz: Fraction) -> float:
    """The budget in processors; infinite without a limit."""
    if settings.budget == "auto":
        share = size[0] * size[1] * float(rate_hz) / USUAL_PIXELS_HZ
        return USUAL_CORES * max(1.0, share)
    return float(settings.budget) or math.inf


def offered(settings: Settings, pipeline: Pipeline) -> Iterator[Step]:
    """The steps that would save something at present; none without a limit."""
    if settings.budget == 0:
        return
    if pipeline.edges == "sharp":
        yield "fast edges"
    segmenter = pipeline.segmenter
    on_cpu = segmenter is not None and SPECS[segmenter.backend.name].kind == "cpu"
    if on_cpu and settings.model not in ("auto", DEFAULT):
        yield "smaller model"
    yield "fewer frames"


def thrifty(settings: Settings, steps: Sequence[Step]) -> Settings:
    """The settings for choosing networks while these steps are in effect."""
    parts: dict[str, str] = {}
    if "fast edges" in steps:
        parts["edges"] = "fast"
    if "smaller model" in steps:
        parts["model"] = "auto"
    return settings.replace_with(parts)
