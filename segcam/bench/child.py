"""One measurement in its own process: ``camera FOLDER SECONDS EDGES`` or ``memory FOLDER``."""

from __future__ import annotations

import json
import mmap
import sys
from pathlib import Path

from segcam.bench.footage import load
from segcam.bench.job import Job, through_pipeline

SOON, LATE = 500, 5500
"""Frames after which memory is measured."""


def main() -> None:
    """Take the measurement of the arguments, and print it as JSON."""
    what, folder, *more = sys.argv[1:]
    footage = load(Path(folder))
    if what == "camera":
        seconds, edges = more
        figures = through_pipeline(
            Job(footage, float(seconds), "sharp" if edges == "sharp" else "fast")
        )
    else:
        figures = memory(Job(footage))
    print(json.dumps(figures))


def memory(job: Job) -> dict[str, float]:
    """Resident memory after 500 frames, and after 5,000 more, in MiB."""
    frames, resident = 0, {SOON: 0.0, LATE: 0.0}
    while frames < LATE:
        through_pipeline(job)
        frames += len(job.footage)
        for mark, megabytes in resident.items():
            if frames >= mark and not megabytes:
                resident[mark] = resident_mb()
    return {"early_mb": resident[SOON], "late_mb": resident[LATE]}


def resident_mb() -> float:
    """Resident memory of this process; Linux only."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * mmap.PAGESIZE / 2**20


if __name__ == "__main__":
    main()
