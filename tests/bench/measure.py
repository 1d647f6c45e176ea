"""The main job's figures on this machine, each a ratio within one run.

``python tests/bench/measure.py [--clips FOLDER]``: 720p MJPEG as a webcam delivers it, the default
model on the CPU with one thread, blurred room. Without a folder of clips the demo is measured.

``file`` figures are taken as fast as the machine goes, ``live`` ones at 30 frames a second, where
caches and clocks have gone cold between two frames; both with fast edges, and live once more with
sharp ones, and so are those of people who sit still: one picture of each clip with fresh noise in
each frame. Both sides of a ratio are taken in the same way, turn and turn about: a shared machine's
speed moves by a quarter within minutes. Means of the rounds are printed, and the ratio is that of
the means. Times are processor time per frame.

decode_ms, inference_ms: each frame decoded to planes, and one bare inference: the least work.
edges_ms: with sharp edges, one bare inference of their network; belongs to the least work then.
reused_share: frames that got the matte of one before, because nothing had moved.
all_stages_ms: the whole pipeline as shipped, all threads and the model's process, into a sink that
    keeps nothing.
cost_ratio: all_stages_ms over the least work.
rate_of_slowest: frames per second over those of the slowest worker alone (median wall time of its
    work while the others run). 1 needs a processor for each of the three workers.
rate_of_bound: the same over what this many processors allow: no more than the slowest worker does,
    and no more than all the work spread evenly over the processors.
busy_of_slowest: share of the time for which the busiest worker is at work and waits for no other;
    being put aside for another counts as work.
latency_p95_ms: from capture to sent, live.
early_mb, late_mb: resident memory of a process of its own, after 500 frames and 5,000 more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from segcam.color import frame_to_bgr
from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame
from segcam.pipeline.networks import Isolate, make_networks, make_pipeline
from segcam.pipeline.stats import processor_ns
from segcam.segment.choose import choose
from segcam.segment.memory import Tensors
from segcam.segment.registry import SPECS, create
from segcam.settings import Edges
from segcam.sink.null import NullSink
from segcam.source.base import Source, SourceInfo
from segcam.source.clip import Clip
from segcam.source.demo import Demo
from segcam.zoo.library import DEFAULT, EDGES, find, path_for

SIZE = (720, 1280)
ROUNDS = 5
LIVE_S = 12.0
SOAK_FRAMES = 5000
HELD_FRAMES, NOISE_LEVELS = 60, 4.0
RATES = ("rate_of_slowest", "rate_of_bound", "busy_of_slowest")


def as_webcam(sources: list[tuple[Source, int]], path: Path) -> None:
    """Write what the sources show as one 720p MJPEG 4:2:2 clip, as most webcams send it."""
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422]
    frame, count = Frame.empty(SIZE), 0
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuvj422p"
        for source, limit in sources:
            source.open()
            for _ in range(limit):
                if not source.read(frame):
                    break
                _, data = cv2.imencode(
                    ".jpg", frame_to_bgr(frame), [cv2.IMWRITE_JPEG_QUALITY, 85, *sampling]
                )
                packet = av.Packet(data.tobytes())
                packet.stream, packet.time_base = stream, Fraction(1, 30)
                packet.pts = packet.dts = count
                output.mux(packet)
                count += 1
            source.close()


class Held:
    """One picture of another source, again and again, as a sensor with noise sees it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._picture = Frame.empty(SIZE)
        self._rng = np.random.default_rng(0)
        self._noise = self._rng.normal(0, NOISE_LEVELS, (2 * SIZE[0], SIZE[1])).round()

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        info = self._source.open()
        self._source.read(self._picture)
        return info

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        out.copy_from(self._picture)
        row, shift = self._rng.integers(0, SIZE)
        noise = np.roll(self._noise[row : row + SIZE[0]], shift, axis=1)
        np.copyto(out.y, np.clip(out.y + noise, 0, 255), casting="unsafe")
        return True

    def interrupt(self) -> None:
        """See `Source.interrupt`: it never waits."""

    def close(self) -> None:
        """See `Source.close`."""
        self._source.close()


class Inference:
    """One bare inference of a model on the CPU, in this process, with one thread."""

    def __init__(self, model: str) -> None:
        card, path = find(model)
        choice = choose("cpu", card, lambda wanted: path_for(card, path, wanted))
        self._backend = create(choice.name)
        tensors = Tensors(card)
        tensors.input[:] = np.random.default_rng(0).random(card.input.shape, np.float32)
        self._backend.load(card, path_for(card, path, SPECS[choice.name].format), tensors)

    def run(self) -> None:
        """Infer once."""
        self._backend.run()


def least_work(path: Path, live_s: float | None, edges: Edges = "fast") -> dict[str, float]:
    """The work of a program that only decodes each frame to planes and infers its matte.

    Args:
        path: A clip.
        live_s: Seconds to play it at its own rate; None for once and at full speed.
        edges: "sharp" adds their network.

    Returns:
        Processor time of each, per frame, in milliseconds.
    """
    clip, frame = Clip(path, live=live_s is not None), Frame.empty(SIZE)
    work = {"inference_ms": Inference(DEFAULT).run}
    if edges == "sharp":
        work["edges_ms"] = Inference(EDGES).run
    spent = dict.fromkeys(("decode_ms", *work), 0)
    clip.open()
    frames = 0
    deadline = time.monotonic() + live_s if live_s is not None else float("inf")
    start = time.process_time_ns()
    while time.monotonic() < deadline and clip.read(frame):
        end = time.process_time_ns()
        spent["decode_ms"] += end - start
        for name, run in work.items():
            start = end
            run()
            end = time.process_time_ns()
            spent[name] += end - start
        start, frames = end, frames + 1
    clip.close()
    return {name: each / 1e6 / frames for name, each in spent.items()}


def through_pipeline(
    path: Path, live_s: float | None = None, edges: Edges = "fast"
) -> dict[str, Any]:
    """Run a clip through all stages into nothing; the pipeline's own figures and four more."""
    source = Clip(path, live=live_s is not None)
    card, model = find(DEFAULT)
    isolate: Isolate = "devices" if live_s is None else "auto"  # as the commands have it
    networks = make_networks(card, model, "cpu", edges, isolate=isolate)
    pipeline = make_pipeline(source, networks, RoomHidden(Blurred(60)), NullSink())
    with pipeline:
        cpu, wall = processor_ns(), time.perf_counter_ns()
        pipeline.wait(live_s)
        cpu, wall = processor_ns() - cpu, time.perf_counter_ns() - wall
    figures = pipeline.stats.snapshot()
    stages = figures["stages_ms"]
    refined = 1 - figures["reused"] / figures["sent"]
    frame_ms = wall / 1e6 / figures["sent"]
    slowest, busiest = (slowest_ms(stages, key, refined) for key in ("p50", "mean"))
    figures["cpu_ms"] = cpu / 1e6 / figures["sent"]
    evenly_spread = figures["cpu_ms"] / (os.cpu_count() or 1)
    figures["rate_of_slowest"] = slowest / frame_ms
    figures["rate_of_bound"] = max(slowest, evenly_spread) / frame_ms
    figures["busy_of_slowest"] = busiest / frame_ms
    return figures


def slowest_ms(stages: dict[str, dict[str, float]], key: str, refined: float) -> float:
    """What the slowest worker takes for a frame; ``refined`` is the share that is refined."""
    output = refined * stages["refine"][key] + stages["composite"][key] + stages["send"][key]
    return max(stages["capture"][key], stages["segment"][key], output)


def resident_mb() -> float:
    """Resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def fresh(function: str, *arguments: str) -> dict[str, float]:
    """Run one measurement in a process of its own, so that memory is that of a daemon."""
    command = [sys.executable, __file__, "--only", function, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def memory(path: Path) -> dict[str, float]:
    """Resident memory once 500 frames have passed, and after 5,000 more."""
    sent, resident = 0, [(0, 0.0)]
    while sent < SOAK_FRAMES + 500:
        sent += through_pipeline(path)["sent"]
        resident.append((sent, resident_mb()))
    early = next(mb for frames, mb in resident if frames >= 500)
    return {"early_mb": early, "late_mb": resident[-1][1]}


def cost(clip: Path, live_s: float | None, edges: Edges = "fast") -> dict[str, Any]:
    """All stages against the least work, turn and turn about; means of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        least, run = least_work(clip, live_s, edges), through_pipeline(clip, live_s, edges)
        figures = {**least, "reused_share": run["reused"] / run["captured"]}
        figures["all_stages_ms"] = run["cpu_ms"]
        if live_s is None:
            figures |= {key: run[key] for key in RATES}
        else:
            figures["latency_p95_ms"] = run["stages_ms"]["latency"]["p95"]
        rounds.append(figures)
    means = {key: statistics.mean(r[key] for r in rounds) for key in rounds[0]}
    ratio = means["all_stages_ms"] / sum(means[key] for key in least)
    return {**means, "cost_ratio": ratio, "stages_ms": run["stages_ms"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, help="folder of clips; default: the demo")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.only:
        print(json.dumps(memory(Path(arguments.only[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        clip, still = Path(folder) / "webcam.mkv", Path(folder) / "still.mkv"
        as_webcam(sources(arguments.clips), clip)
        as_webcam([(Held(each), HELD_FRAMES) for each, _ in sources(arguments.clips)], still)
        figures = {
            "file": cost(clip, live_s=None),
            "live": cost(clip, LIVE_S),
            "live, sharp edges": cost(clip, LIVE_S, "sharp"),
            "live, sitting still": cost(still, LIVE_S),
            "live, sitting still, sharp edges": cost(still, LIVE_S, "sharp"),
            "memory": fresh("memory", str(clip)),
        }
    report(figures, arguments.json)


def sources(folder: Path | None) -> list[tuple[Source, int]]:
    """What to show, and how many frames of each."""
    if folder is None:
        return [(Demo(SIZE, live=False), 600)]
    return [(Clip(path, size=SIZE), 10_000) for path in sorted(folder.glob("*.mkv"))]


GOALS = {
    "cost_ratio": "<= 1.6   all stages / (decode to planes + bare inference)",
    "rate_of_slowest": ">= 0.9   where there are processors enough",
    "rate_of_bound": ">= 0.9",
    "latency_p95_ms": "<= 66.7",
    "early_mb": "<= 350   resident",
    "late_mb": "no growth over 5,000 frames",
}


def report(figures: dict[str, dict[str, Any]], as_json: bool) -> None:
    """Print the figures beside their goals."""
    if as_json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{os.cpu_count()} processors, 1280x720 MJPEG, one inference thread, blur")
    for way, values in figures.items():
        print(way)
        stages = values.pop("stages_ms", {})
        for key, value in values.items():
            print(f"  {key:16} {value:8.2f}  {GOALS.get(key, '')}")
        for stage, times in stages.items():
            print(f"    {stage:14} p50 {times['p50']:7.2f}  p95 {times['p95']:7.2f} ms")


if __name__ == "__main__":
    main()
