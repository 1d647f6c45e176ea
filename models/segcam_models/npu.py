"""Latency on Intel's NPUs, estimated by their compiler. Needs no NPU, but Wine.

The compiler does not model every operator, so its estimates are lower bounds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

GENERATIONS = {3720: "Meteor Lake", 4000: "Lunar Lake", 5010: "Panther Lake"}
"""Platforms by their number in the compiler, and their processors."""
LIMIT_S = 1800
"""The largest network of the family takes minutes, more on a busy machine."""
_ESTIMATE = re.compile(r"Estimated inference latency: ([\d.]+) us")
_REFUSED = "does not compile: "
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


def remembered_us(compiler: Path, model: Path, generation: int) -> float | str:
    """`estimate_us`, asked once for each file and generation.

    Answers are kept beside the compiler, a line each, so that an interrupted table continues where
    it ended. A time-out or a crash is not an answer.
    """
    kept = compiler.with_name("estimates.jsonl")
    key = [hashlib.sha256(model.read_bytes()).hexdigest(), generation]
    lines = kept.read_text().splitlines() if kept.exists() else []
    for digest, platform, answer in map(json.loads, lines):
        if [digest, platform] == key:
            return float(answer) if isinstance(answer, int | float) else str(answer)
    found = estimate_us(compiler, model, generation)
    if isinstance(found, float) or found.startswith(_REFUSED):
        with kept.open("a") as file:
            file.write(json.dumps([*key, found]) + "\n")
    return found


def understood(said: str) -> float | str:
    """Microseconds in the compiler's output, or why there are none."""
    if failure := _FAILURE.search(said):
        return _REFUSED + " ".join(failure[1].split())
    estimate = _ESTIMATE.search(said)
    return float(estimate[1]) if estimate else "the compiler ended without an estimate"
