"""Measures the cost of running the backend in its own process on this machine.

``python tests/bench/isolation.py``: the default model on the CPU with one thread, in this process
(``never``) and in a child (``always``), in turns; medians of the rounds. Processor time is that of
all processes, user and system.

paced: one inference every 33 ms, so that the caches are cold, as in a live pipeline.
live: the whole pipeline on the demo at 1280x720 and 30 Hz, blurred room, into nothing.
pss_mb: proportional memory of parent and child with the model loaded and nothing else.
load_s: until the first matte, and the same after a crash.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from segcam.bench.footage import Webcam, load, moving, save
from segcam.pipeline.assemble import assemble
from segcam.pipeline.networks import Isolate, make_backend
from segcam.pipeline.sinks import Destination
from segcam.pipeline.stats import processor_ns
from segcam.segment.memory import Tensors
from segcam.settings import Settings
from segcam.sink.null import NullSink
from segcam.zoo.library import DEFAULT, find

WAYS: tuple[Isolate, ...] = ("never", "always")
ROUNDS, PACED, PERIOD_S, LIVE_S = 3, 90, 1 / 30, 4.0


def children() -> list[int]:
    """Process ids of this process's children."""
    lists = Path("/proc/self/task").glob("*/children")
    return [int(pid) for each in lists for pid in each.read_text().split()]


def pss_mb() -> float:
    """Proportional set size of this process and its children, in MiB."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup") for pid in ("self", *children())]
    lines = [line for file in rollups for line in file.read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def paced(way: Isolate) -> dict[str, float]:
    """One inference per period; between them it reads more memory than a cache, then sleeps."""
    card, path = find(DEFAULT)
    backend = make_backend("litert-cpu", way)
    tensors = Tensors(card)
    tensors.input[:] = np.random.default_rng(0).random(card.input.shape, np.float32)
    start = time.perf_counter()
    backend.load(card, path, tensors)
    load_s = time.perf_counter() - start
    memory_mb = pss_mb()
    frame = np.zeros(2**22, np.uint8)
    wall, cpu = [], 0
    for _ in range(PACED):
        frame += 1
        cpu -= processor_ns()
        start = time.perf_counter()
        backend.run()
        wall.append(time.perf_counter() - start)
        cpu += processor_ns()
        time.sleep(PERIOD_S - 0.01)
    backend.close()
    p50, p95 = np.percentile(wall, (50, 95)) * 1e3
    figures = {"cpu_ms": cpu / 1e6 / PACED, "wall_p50_ms": p50, "wall_p95_ms": p95}
    return {**figures, "load_s": load_s, "pss_mb": memory_mb}


def live(way: Isolate, folder: Path) -> dict[str, float]:
    """The whole pipeline at 30 Hz."""
    pipeline = assemble(
        Settings(backend="cpu", edges="fast", background="blur:60"),
        source=Webcam(load(folder)),
        destination=Destination(NullSink()),
        isolate=way,
    ).pipeline
    pipeline.start()
    pipeline.wait(1.0)
    cpu, sent = processor_ns(), pipeline.stats.sent
    pipeline.wait(LIVE_S)
    cpu, sent = processor_ns() - cpu, pipeline.stats.sent - sent
    pipeline.stop()
    stages = pipeline.stats.snapshot()["stages_ms"]
    figures = {f"{s}_p{p}_ms": stages[s][f"p{p}"] for s in ("segment", "latency") for p in (50, 95)}
    return {"cpu_ms": cpu / 1e6 / sent, **figures}


def fresh(*arguments: str) -> dict[str, float]:
    """One measurement in a new process."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1:
        way, *footage = sys.argv[1:]
        assert way in WAYS
        print(json.dumps(live(way, Path(footage[0])) if footage else paced(way)))
        return
    with tempfile.TemporaryDirectory() as folder:
        save(moving(None), Path(folder))
        for title, arguments in (("paced", []), ("live", [folder])):
            rounds = [{way: fresh(way, *arguments) for way in WAYS} for _ in range(ROUNDS)]
            print(f"{title:16}    never   always    extra")
            for key in rounds[0]["never"]:
                own, other = (statistics.median(r[way][key] for r in rounds) for way in WAYS)
                print(f"  {key:14} {own:8.3f} {other:8.3f} {other - own:+8.3f}")


if __name__ == "__main__":
    main()
