"""``make fuzz MINUTES=5``: tries other random inputs on every target each time, for that long.

python -m fuzz [--minutes 5] [--target NAME] [--first NUMBER] [--count N] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path

from fuzz.hunt import Finding, hunt
from fuzz.targets import TARGETS

BATCH = 200


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=5.0, help="how long; 480 for a night")
    asked.add_argument("--target", choices=TARGETS, help="only this target")
    asked.add_argument("--first", type=int, help="number of the first input; default: any")
    asked.add_argument("--count", type=int, help="number of inputs, instead of minutes")
    asked.add_argument(
        "--folder", type=Path, default=Path("build/fuzz"), help="where findings are written"
    )
    options = asked.parse_args()
    first = secrets.randbelow(10**9) if options.first is None else options.first
    targets = [options.target] if options.target else list(TARGETS)
    print(f"first input: {first}", flush=True)
    findings: list[Finding] = []
    end = time.monotonic() + 60 * options.minutes
    fed = 0
    while (fed < options.count) if options.count else (time.monotonic() < end):
        for target in targets:
            count = min(BATCH, options.count or BATCH)
            finding = hunt(target, first + fed, count, options.folder.absolute())
            if finding is not None:
                findings.append(finding)
                print(finding, flush=True)
        fed += BATCH
    print(f"{fed} inputs each for {', '.join(targets)}: {len(findings)} findings")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
