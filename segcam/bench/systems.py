"""The paper's Table 2 on this machine: from copies and waiting to shared buffers and workers.

Source: Lin et al., "Efficient Heterogeneous Video Segmentation at the Edge" (2022), section 5. M1
is the baseline model, one step after another, with data copied between steps. M2 uses the paper's
model. M3 shares the buffers. M4 overlaps the steps of several frames.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from segcam.bench.energy import Meter
from segcam.bench.job import BLUR, Job, through_pipeline
from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame
from segcam.pipeline.stats import processor_ns
from segcam.zoo.library import DEFAULT

BASELINE, OWN = "selfie-general", "small-wide"
"""A MobileNetV3 U-net at 256x256, like the paper's baseline, and ours, an EfficientNet-Lite
U-net."""


def systems(job: Job) -> Iterator[dict[str, Any]]:
    """The rows: name, model, inferences per second, latency and power.

    Args:
        job: Not live.
    """
    baseline, own = replace(job, model=BASELINE), replace(job, model=OWN)
    yield _row("M1 synchronous, copies", baseline, lambda: in_turn(baseline, copies=True))
    yield _row("M2 + own model", own, lambda: in_turn(own, copies=True))
    yield _row("M3 + shared buffers", own, lambda: in_turn(own, copies=False))
    yield _row("M4 + asynchronous", own, lambda: asynchronous(own))
    usual = replace(job, model=DEFAULT)
    yield _row("default, synchronous", usual, lambda: in_turn(usual, copies=False))
    yield _row("default, asynchronous", usual, lambda: asynchronous(usual))


def gains(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Ratios of inferences per second: asynchronous to synchronous, last row to first."""
    rate = {row["system"]: row["rate_hz"] for row in rows}
    return {
        "async_over_sync": rate["default, asynchronous"] / rate["default, synchronous"],
        "async_over_sync_own": rate["M4 + asynchronous"] / rate["M3 + shared buffers"],
        "m4_over_m1": rate["M4 + asynchronous"] / rate["M1 synchronous, copies"],
    }


def _row(name: str, job: Job, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return {"system": name, "model": job.model, **run()}


def asynchronous(job: Job) -> dict[str, Any]:
    """The pipeline of `segcam render`."""
    run = through_pipeline(job)
    steps = ("capture", "segment", "refine", "composite", "send")
    latency_ms = sum(run["stages_ms"][step]["p50"] for step in steps)
    kept = ("rate_hz", "cpu_ms", "power_w", "copies")
    return {"latency_ms": latency_ms} | {key: run[key] for key in kept}


def in_turn(job: Job, copies: bool) -> dict[str, Any]:
    """The same stages on one thread, one after another.

    Args:
        job: Not live.
        copies: Give each stage its own copy, like programs whose parts share no memory.
    """
    cv2.setNumThreads(1)  # as the pipeline does; else OpenCV would use all processors
    meter = Meter()
    with meter.running():
        cpu, wall = processor_ns(), time.perf_counter()
        latencies_ms = list(_steps(job, copies))
        cpu, wall_s = processor_ns() - cpu, time.perf_counter() - wall
    frames = len(latencies_ms)
    return {
        "latency_ms": float(np.median(latencies_ms)),
        "rate_hz": frames / wall_s,
        "cpu_ms": cpu / 1e6 / frames,
        "power_w": meter.watts,
        "copies": 3.0 if copies else 0.0,
    }


def _steps(job: Job, copies: bool) -> Iterator[float]:
    """For each frame, milliseconds from decoding to the composite."""
    webcam, networks = job.webcam, job.networks(isolate="never")
    segmenter, refiner = networks.segmenters[0], networks.refiner
    compositor = RoomHidden(Blurred(BLUR))
    frame, out = (Frame.empty(webcam.open().size) for _ in range(2))
    segmenter.open()
    matte = np.empty(segmenter.matte_size, np.float32)
    fine = np.zeros(frame.size, np.uint8)
    try:
        start = time.perf_counter()
        while webcam.read(frame):
            taken = _copied(frame) if copies else frame
            segmenter.segment(taken, matte)
            fine.fill(0)
            coarse = matte.copy() if copies else matte
            refiner.refine(coarse, taken, fine)
            if copies:
                taken, fine = _copied(taken), fine.copy()
            compositor.composite(taken, fine, out)
            if copies:
                _copied(out)
            end = time.perf_counter()
            yield (end - start) * 1e3
            start = end
    finally:
        segmenter.close()
        refiner.close()
        compositor.close()


def _copied(frame: Frame) -> Frame:
    """A copy of the frame, with the same box."""
    copy = Frame(frame.data.copy())
    copy.stamp(frame.id, frame.captured_ns, frame.cut)
    copy.look_at(frame.box)
    return copy
