"""Compares SegCam with the loops that people write: ``make bench-peers``.

Each round runs all of them once, one after the other, with the same pictures at 1280x720 and 30 Hz.
Prints the means of the rounds, and their ratios. The loops run in their own environment, whose
Python is the argument.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from segcam.bench.footage import moving, save
from segcam.bench.scaling import answer, in_child

LOOP = Path(__file__).with_name("loop.py")
PEERS = ("common", "careful")
KEYS = ("cpu_ms", "rate_hz", "latency_p50_ms", "latency_p95_ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="Python of the environment with MediaPipe")
    parser.add_argument("--clips", type=Path, help="folder of clips; default: the demo")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        save(moving(arguments.clips), Path(folder))
        rounds = [one_round(arguments, folder) for _ in range(arguments.rounds)]
    means = {
        way: {key: statistics.mean(each[way][key] for each in rounds) for key in KEYS}
        for way in rounds[0]
    }
    if arguments.json:
        print(json.dumps(means, indent=2))
        return
    print(f"{'':16}" + "".join(f"{way:>15}" for way in means))
    for key in KEYS:
        print(f"{key:16}" + "".join(f"{each[key]:15.2f}" for each in means.values()))
    for way in PEERS:
        ratios = (f"{each['cpu_ms'] / means[way]['cpu_ms']:15.2f}" for each in means.values())
        print(f"{'cpu / ' + way:16}" + "".join(ratios))


def one_round(arguments: argparse.Namespace, folder: str) -> dict[str, dict[str, float]]:
    """Run each of them once."""
    seconds = str(arguments.seconds)
    found = {
        f"segcam {edges}": answer(in_child("camera", folder, seconds, edges))
        for edges in ("fast", "sharp")
    }
    for way in PEERS:
        command = [arguments.python, str(LOOP), way, folder, seconds]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[way] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
