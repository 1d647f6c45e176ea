"""The main job: 720p MJPEG from a webcam, the default model on the CPU, a blurred room.

For ratios, both sides are measured in the same run, in turns: the speed of a shared or hot machine
varies by a quarter within minutes. Times are processor time of all processes.
"""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from segcam.bench.copies import Copies
from segcam.bench.energy import Meter
from segcam.bench.footage import Footage, Webcam
from segcam.frame import Frame
from segcam.model_card import ModelCard
from segcam.pipeline.assemble import assemble
from segcam.pipeline.networks import Isolate, Networks, load_networks
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.sinks import Destination
from segcam.pipeline.stats import processor_ns
from segcam.segment.base import Backend
from segcam.segment.choose import choose
from segcam.segment.memory import Tensors
from segcam.segment.registry import SPECS, create
from segcam.settings import Edges, Settings
from segcam.sink.base import Sink
from segcam.sink.null import NullSink
from segcam.zoo.library import DEFAULT, EDGES, find, path_for

BLUR = 60


@dataclass(frozen=True, slots=True)
class Job:
    """The job's parameters.

    Attributes:
        footage: The webcam's pictures.
        live_s: Seconds in real time; None: the footage once, as fast as possible.
        edges: How outlines are drawn.
        rate_hz: Pictures a second, live.
        model: The segmentation model.
        threads: Threads of one inference.
    """

    footage: Footage
    live_s: float | None = None
    edges: Edges = "fast"
    rate_hz: Fraction = Fraction(30)
    model: str = DEFAULT
    threads: int = 1

    @property
    def webcam(self) -> Webcam:
        """A new webcam that sends the footage."""
        return Webcam(self.footage, self.live_s is not None, self.rate_hz)

    def networks(self, isolate: Isolate | None = None) -> Networks:
        """Its networks on the CPU; by default isolated as in the commands."""
        return load_networks(self.settings, isolate=isolate or self.isolate, fetches=False)

    @property
    def isolate(self) -> Isolate:
        """The commands' value, for calls and for files."""
        return "devices" if self.live_s is None else "auto"

    @property
    def settings(self) -> Settings:
        """The equivalent settings of a user."""
        return Settings(
            model=self.model,
            backend="cpu",
            edges=self.edges,
            threads=self.threads,
            background=f"blur:{BLUR}",
        )


def cost(job: Job, rounds: int) -> dict[str, Any]:
    """All stages compared with the least work, measured in turns; means of the rounds."""
    taken: list[dict[str, float]] = []
    run: dict[str, Any] = {}
    for _ in range(rounds):
        least = least_work(job)
        run = through_pipeline(job)
        figures = {key: value for key, value in run.items() if isinstance(value, float)}
        taken.append({**least, **figures, "cost_ratio": 0.0})
    means = {key: statistics.mean(each[key] for each in taken) for key in taken[0]}
    means["cost_ratio"] = means["cpu_ms"] / sum(means[key] for key in least)
    return {**means, "stages_ms": run["stages_ms"], "power_w": run["power_w"]}


def least_work(job: Job) -> dict[str, float]:
    """The cost of a program that only decodes each frame to planes and infers its matte.

    Returns:
        Processor time of each step per frame, in milliseconds.
    """
    webcam = job.webcam
    frame = Frame.empty(webcam.open().size)
    names = {"inference_ms": job.model} | ({"edges_ms": EDGES} if job.edges == "sharp" else {})
    spent = dict.fromkeys(("decode_ms", *names), 0)
    frames, deadline = 0, time.monotonic() + (job.live_s or float("inf"))
    with ExitStack() as stack:
        backends = [loaded(model, job.threads) for model in names.values()]
        for backend in backends:
            stack.callback(backend.close)
        start = time.process_time_ns()
        while time.monotonic() < deadline and webcam.read(frame):
            end = time.process_time_ns()
            spent["decode_ms"] += end - start
            for name, backend in zip(names, backends, strict=True):
                start = end
                backend.run()
                end = time.process_time_ns()
                spent[name] += end - start
            start, frames = end, frames + 1
    return {name: each / 1e6 / frames for name, each in spent.items()}


def through_pipeline(job: Job, sink: Sink | None = None) -> dict[str, Any]:
    """Run the job through all stages, without an output."""
    pipeline = assembled(job, sink)
    meter = Meter()
    info = pipeline.start()
    copies = Copies(info.size)
    try:
        with meter.running(), copies.counted():
            cpu, wall = processor_ns(), time.perf_counter()
            pipeline.wait(job.live_s)
            cpu, wall_s = processor_ns() - cpu, time.perf_counter() - wall
    finally:
        pipeline.stop()
    return _figures(pipeline, cpu, wall_s, copies) | {"power_w": meter.watts}


def assembled(job: Job, sink: Sink | None = None) -> Pipeline:
    """The job's pipeline, not started."""
    destination = Destination(sink or NullSink())
    return assemble(
        job.settings, source=job.webcam, destination=destination, isolate=job.isolate
    ).pipeline


def _figures(pipeline: Pipeline, cpu_ns: int, wall_s: float, copies: Copies) -> dict[str, Any]:
    counted = pipeline.stats.snapshot()
    sent, stages = counted["sent"], counted["stages_ms"]
    figures: dict[str, Any] = {
        "cpu_ms": cpu_ns / 1e6 / sent,
        "cores": cpu_ns / 1e9 / wall_s,
        "rate_hz": sent / wall_s,
        "dropped_share": counted["dropped"] / max(1, counted["captured"]),
        "reused_share": counted["reused"] / max(1, counted["captured"]),
        "copies": copies.per_frame(sent),
        "stages_ms": stages,
    }
    if "latency" in stages:
        figures |= {f"latency_p{p}_ms": stages["latency"][f"p{p}"] for p in (50, 95)}
    evenly_ms = figures["cpu_ms"] / (os.cpu_count() or 1)
    slowest_ms = max(evenly_ms, _slowest_ms(stages, 1 - figures["reused_share"]))
    return {**figures, "rate_of_bound": slowest_ms * sent / wall_s / 1e3}


def _slowest_ms(stages: dict[str, dict[str, float]], refined: float) -> float:
    """Time of the slowest worker per frame; ``refined`` is the share of refined frames."""
    p50 = {name: times["p50"] for name, times in stages.items()}
    output = refined * p50.get("refine", 0.0) + p50["composite"] + p50["send"]
    return max(p50["capture"], p50["segment"], output)


def loaded(model: str, threads: int = 1) -> Backend:
    """A model on the CPU in this process, with filled input."""
    card, path = find(model)

    def path_of(wanted: Any) -> Any:
        return path_for(card, path, wanted)

    backend = create(choose("cpu", card, path_of).name)
    backend.load(card, path_of(SPECS[backend.name].format), filled(card), threads)
    return backend


def filled(card: ModelCard) -> Tensors:
    """Tensors with noise as input."""
    tensors = Tensors(card)
    tensors.input[:] = np.random.default_rng(0).random(card.input.shape, np.float32)
    return tensors
