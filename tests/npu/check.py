"""Compiles every published model for each generation of Intel's NPUs and prints a table.

``python tests/npu/check.py COMPILER``: exits with 1 where a model does not compile. The estimates
are the compiler's own. It does not model every operator, so they are floors.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from segcam.zoo.library import cards, find, path_for

GENERATIONS = {3720: "Meteor Lake", 4000: "Lunar Lake", 5010: "Panther Lake"}
LIMIT_S = 300
_ESTIMATE = re.compile(r"Estimated inference latency: ([\d.]+) us")
_FAILURE = re.compile(r"^FAILED (.*)", re.MULTILINE | re.DOTALL)


def compile_model(compiler: Path, model: Path, generation: int) -> float | str:
    """Estimated microseconds of an inference, or why the model does not compile."""
    command = ["wine", str(compiler), f"Z:{model.resolve()}", str(generation)]
    environment = {**os.environ, "WINEDEBUG": "-all"}
    try:
        said = subprocess.run(
            command, env=environment, capture_output=True, timeout=LIMIT_S, check=False
        ).stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return f"not within {LIMIT_S} s"
    if failure := _FAILURE.search(said):
        return " ".join(failure[1].split())
    estimate = _ESTIMATE.search(said)
    return float(estimate[1]) if estimate else "the compiler ended without an estimate"


def main() -> int:
    """Print a row for each model; 1 where one does not compile."""
    compiler = Path(sys.argv[1])
    print("| microseconds, estimated |", *(f"{g} ({n}) |" for g, n in GENERATIONS.items()))
    print("|---|" + "---|" * len(GENERATIONS))
    failures = 0
    for name in cards():
        card, path = find(name)
        results = [compile_model(compiler, path_for(card, path, "onnx"), g) for g in GENERATIONS]
        failures += sum(isinstance(result, str) for result in results)
        shown = [r if isinstance(r, str) else f"{r:.0f}" for r in results]
        print(f"| {name} |", *(f"{each} |" for each in shown), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
