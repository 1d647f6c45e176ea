"""Measures how cost and rate grow with size, threads and cameras."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from segcam.bench.footage import Footage, moving, save
from segcam.bench.job import Job, loaded, through_pipeline
from segcam.launch import command, environment
from segcam.size import Size

SIZES: Mapping[str, Size] = {
    "480p": (480, 854),
    "720p": (720, 1280),
    "1080p": (1080, 1920),
    "2160p": (2160, 3840),
}
FRAMES = 120
MOST_CAMERAS = 4
KEPT = ("cpu_ms", "cores", "rate_hz", "dropped_share", "latency_p95_ms", "copies")
_INFERENCES = 100


def sizes(clips: Path | None, live_s: float) -> Iterator[dict[str, Any]]:
    """Each size at 30 Hz, and 1080p at 60 Hz."""
    for name, size in SIZES.items():
        footage = moving(clips, size, FRAMES)
        for rate_hz in (30, 60) if name == "1080p" else (30,):
            run = through_pipeline(Job(footage, live_s, rate_hz=Fraction(rate_hz)))
            yield {"size": f"{name} at {rate_hz} Hz", **{key: run[key] for key in KEPT}}


def threads(footage: Footage) -> Iterator[dict[str, Any]]:
    """From one thread to one per processor for an inference, as fast as possible."""
    for count in range(1, (os.cpu_count() or 1) + 1):
        run = through_pipeline(Job(footage, threads=count))
        kept = {key: run[key] for key in ("cpu_ms", "rate_hz")}
        yield {"threads": count, **kept, "inference_ms": _inference_ms(count)}


def cameras(footage: Footage, live_s: float) -> Iterator[dict[str, Any]]:
    """One to four cameras at once, in separate processes as with ``segcam run --name``."""
    with tempfile.TemporaryDirectory() as folder:
        save(footage[:FRAMES], Path(folder))
        for count in range(1, MOST_CAMERAS + 1):
            yield {"cameras": count, **_together(count, folder, live_s)}


def in_child(what: str, *arguments: str) -> subprocess.Popen[str]:
    """Start one measurement in its own process, which prints its figures as JSON."""
    return subprocess.Popen(
        command("segcam.bench.child", what, *arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def answer(child: subprocess.Popen[str]) -> dict[str, Any]:
    """Its output."""
    out, _ = child.communicate()
    figures: dict[str, Any] = json.loads(out)
    return figures


def _together(count: int, folder: str, live_s: float) -> dict[str, float]:
    children = [in_child("camera", folder, str(live_s), "fast") for _ in range(count)]
    runs = [answer(child) for child in children]
    worst = ("dropped_share", "latency_p95_ms")
    figures = {key: max(run[key] for run in runs) for key in worst}
    return {"cores": sum(run["cores"] for run in runs), **figures}


def _inference_ms(count: int) -> float:
    backend = loaded(Job(()).model, count)
    taken = []
    for _ in range(_INFERENCES):
        start = time.perf_counter()
        backend.run()
        taken.append(time.perf_counter() - start)
    backend.close()
    return statistics.median(taken) * 1e3
