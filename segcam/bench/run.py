"""Runs all measurements, part by part."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import segcam
from segcam.bench import footage, scaling
from segcam.bench.job import Job, cost
from segcam.bench.models import by_processor, models
from segcam.bench.systems import gains, systems
from segcam.bench.unwatched import unwatched_share

Figures = dict[str, Any]
"""Plain JSON values, by part, then by row or name."""


@dataclass(frozen=True)
class Bench:
    """The parameters of the measurements.

    Attributes:
        clips: A folder of clips; None for the demo.
        live_s: Seconds of each measurement in real time.
        rounds: Measurements of the main job, which are averaged.
    """

    clips: Path | None = None
    live_s: float = 10.0
    rounds: int = 1

    @cached_property
    def moving(self) -> footage.Footage:
        """People who move."""
        return footage.moving(self.clips)

    def models(self) -> Figures:
        """Tables 1 and 3 of the paper."""
        rows = list(models())
        return {"models": rows, "processors": by_processor(rows)}

    def systems(self) -> Figures:
        """Table 2 of the paper."""
        rows = list(systems(Job(self.moving)))
        return {"systems": rows, "gains": gains(rows)}

    def job(self) -> Figures:
        """The main job in its variants."""
        still = footage.held(self.moving)
        jobs = {
            "file": Job(self.moving),
            "live": Job(self.moving, self.live_s),
            "live, sharp": Job(self.moving, self.live_s, "sharp"),
            "sitting still": Job(still, self.live_s),
            "sitting still, sharp": Job(still, self.live_s, "sharp"),
        }
        return {"job": {name: cost(job, self.rounds) for name, job in jobs.items()}}

    def unwatched(self) -> Figures:
        """While nobody watches."""
        share = unwatched_share(Job(self.moving, self.live_s), self.live_s)
        return {"unwatched": {"cores": share}}

    def scaling(self) -> Figures:
        """Sizes, threads and cameras."""
        return {
            "sizes": list(scaling.sizes(self.clips, self.live_s)),
            "threads": list(scaling.threads(self.moving)),
            "cameras": list(scaling.cameras(self.moving, self.live_s)),
        }

    def memory(self) -> Figures:
        """Resident memory over a run of 5,500 frames."""
        with tempfile.TemporaryDirectory() as folder:
            footage.save(self.moving, Path(folder))
            return {"memory": scaling.answer(scaling.in_child("memory", folder))}


PARTS: Mapping[str, Callable[[Bench], Figures]] = {
    "models": Bench.models,
    "systems": Bench.systems,
    "job": Bench.job,
    "unwatched": Bench.unwatched,
    "scaling": Bench.scaling,
    "memory": Bench.memory,
}


def measure(bench: Bench, parts: Sequence[str], tell: Callable[[str], object]) -> Figures:
    """The figures of these parts.

    Raises:
        SegCamError: A model or a clip cannot be used.
    """
    figures: Figures = {"machine": machine()}
    for part in parts:
        tell(f"Measuring: {part}")
        figures |= PARTS[part](bench)
    return figures


def machine() -> dict[str, Any]:
    """Describes the machine and SegCam's version."""
    return {
        "segcam": segcam.__version__,
        "processor": _processor_name(),
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
