"""Everything that happens to a camera in a year, in half an hour: does anything grow or hang?

    MALLOC_ARENA_MAX=1 PYTHONPATH=tests python -m soak --minutes 30 --seed 1

Pipelines of random parts are started, disturbed and stopped, again and again: cameras are pulled
out and come back, devices are lost, inferences fail, child processes are killed, viewers come and
go, backgrounds and models change, also while something is killed or stopped. Exits with 1 and says
why if this process holds more at the end than after the warm-up, if the picture does not come back,
or if a step never ends.

Without MALLOC_ARENA_MAX=1 the C library keeps 120 MB of ended threads' memory after half an hour,
which would hide any leak.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from soak.growth import Held, growth, held_now
from soak.rounds import Round, make_backgrounds
from soak.took import Took

WARM_UP, LEAST_WARM_UP_S = 0.2, 120.0
"""Of the time, and half of it at most: until then each library was loaded, each kind of part was
there, and the C library's arenas had their size."""
REPORT_S = 60.0
LEAST_SAMPLES = 12


def main() -> int:
    """Run for as long as asked; the exit status."""
    options = _parser().parse_args()
    if not options.verbose:
        logging.disable(logging.CRITICAL)  # thousands of failures, as told
    random, took = Random(options.seed), Took()
    samples: list[Held] = []
    start = reported = time.monotonic()
    end = start + 60 * options.minutes
    warm = min(start + max(WARM_UP * (end - start), LEAST_WARM_UP_S), (start + end) / 2)
    rounds = 0
    with tempfile.TemporaryDirectory(prefix="segcam-soak-") as folder:
        make_backgrounds(Path(folder))
        while time.monotonic() < end or len(samples) < LEAST_SAMPLES:
            _one(random, Path(folder), took, options.disturbances)
            rounds += 1
            gc.collect()
            now = time.monotonic()
            held = held_now()
            if now >= warm:
                samples.append(held)
            if now - reported >= REPORT_S:
                reported = now
                print(f"{(now - start) / 60:5.1f} min, {rounds} rounds: {held}", flush=True)
    return _verdict(samples, took, rounds)


def _one(random: Random, folder: Path, took: Took, disturbances: int) -> None:
    each = Round(random, folder, took)
    if random.random() < 0.1:
        each.refuse()
    else:
        each.run(random.randrange(disturbances))


def _verdict(samples: list[Held], took: Took, rounds: int) -> int:
    steps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.longest_s.items())
    print(f"{rounds} rounds. Longest: {steps}")
    print(f"first {samples[0]}\nlast  {samples[-1]}")
    found = growth(samples)
    print("\n".join(found) or "nothing grew")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disturbances", type=int, default=8, help="longest time of one round")
    parser.add_argument("--verbose", action="store_true", help="print SegCam's log, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
