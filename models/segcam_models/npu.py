"""Latency on Intel's NPUs, estimated by their compiler. Needs no NPU, but Wine.

The compiler does not model every operator, so its estimates are lower bounds.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

GENERATIONS = {3720: "Meteor Lake", 4000: "Lunar Lake", 5010: "Panther Lake"}
"""Platforms by their number in the compiler, and their processors."""
LIMIT_S = 300
_ESTIMATE = re.compile(r"Estimated inference latency: ([\d.]+) us")
_FAILURE = re.compile(r"^FAILED (.*)", re.MULTILINE | re.DOTALL)


def estimate_us(compiler: Path, model: Path, generation: int) -> float | str:
    """Microseconds of one inference, or why the model does not compile.

    Args:
        compiler: The program that ``make npu-check`` builds from ``tests/npu/compile.c``.
        model: An ONNX file.
        generation: A key of ``GENERATIONS``.
    """
    command = ["wine", str(compiler), f"Z:{model.resolve()}", str(generation)]
    environment = {**os.environ, "WINEDEBUG": "-all"}
    try:
        said = subprocess.run(
            command, env=environment, capture_output=True, timeout=LIMIT_S, check=False
        ).stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return f"not within {LIMIT_S} s"
    return understood(said)


def understood(said: str) -> float | str:
    """Microseconds in the compiler's output, or why there are none."""
    if failure := _FAILURE.search(said):
        return " ".join(failure[1].split())
    estimate = _ESTIMATE.search(said)
    return float(estimate[1]) if estimate else "the compiler ended without an estimate"
