"""Compiles every published model for each generation of Intel's NPUs and prints a table.

``python tests/npu/check.py COMPILER``: exits with 1 if a model does not compile, or if its card's
estimate differs from the compiler's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from segcam_models.npu import GENERATIONS, estimate_us

from segcam.zoo.library import cards, find, path_for

TOLERANCE = 0.05
"""Allowed relative difference between a card's estimate and the compiler's."""


def main() -> int:
    """Print a row for each model; returns 1 if something is wrong."""
    compiler = Path(sys.argv[1])
    print("| microseconds, estimated |", *(f"{g} ({n}) |" for g, n in GENERATIONS.items()))
    print("|---|" + "---|" * len(GENERATIONS))
    wrong = []
    for name in cards():
        card, path = find(name)
        model, told = path_for(card, path, "onnx"), dict(card.metrics)
        found = {g: estimate_us(compiler, model, g) for g in GENERATIONS}
        shown = (us if isinstance(us, str) else f"{us:.0f}" for us in found.values())
        print(f"| {name} |", *(f"{each} |" for each in shown), flush=True)
        for generation, us in found.items():
            key = f"npu_{generation}_us"
            if isinstance(us, str):
                wrong.append(f"{name} does not compile for the NPU {generation}: {us}")
            elif abs(told.get(key, 0) - us) > TOLERANCE * us:
                wrong.append(f"{name}.toml says {key} = {told.get(key)}, not {us:.0f}")
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
