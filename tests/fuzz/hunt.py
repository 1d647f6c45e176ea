"""Looks for inputs to which a target gives no proper answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
BATCH_S = 3600.0
"""A batch that takes longer hangs between two inputs."""


@dataclass(frozen=True)
class Finding:
    """An input without a proper answer.

    Attributes:
        target: The target.
        number: Makes the same input again: ``python -m fuzz --target TARGET --first NUMBER``.
        said: The end of the process's output.
        kept: A copy of the input, for targets that read files.
    """

    target: str
    number: int
    said: str
    kept: Path | None

    def __str__(self) -> str:
        where = f", kept in {self.kept}" if self.kept else ""
        return f"{self.target} {self.number}{where}:\n{self.said}"


def hunt(target: str, first: int, count: int, folder: Path) -> Finding | None:
    """Feed ``count`` inputs; the first finding, None where all were answered.

    Args:
        target: A key of `fuzz.targets.TARGETS`.
        first: Number of the first input.
        count: How many.
        folder: For inputs and findings.
    """
    work = folder / f"work-{target}"
    command = [sys.executable, "-m", "fuzz.worker", target, str(first), str(count), str(work)]
    done = subprocess.run(
        command,
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": str(TESTS), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        timeout=BATCH_S,
        check=False,
    )
    numbers = done.stdout.decode(errors="replace").split()
    if done.returncode == 0 and numbers[-1:] == ["done"]:
        shutil.rmtree(work, ignore_errors=True)
        return None
    number = int(numbers[-1]) if numbers else first
    said = done.stderr.decode(errors="replace").strip().splitlines()[-12:]
    text = "\n".join([*said, f"exit status {done.returncode}"])
    return Finding(target, number, text, _keep(work, folder / f"{target}-{number}"))


def _keep(work: Path, place: Path) -> Path | None:
    if not work.is_dir() or not any(work.iterdir()):
        return None
    shutil.rmtree(place, ignore_errors=True)
    work.rename(place)
    return place
