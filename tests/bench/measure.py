"""The main job's figures on this machine, each a ratio within one run.

``python tests/bench/measure.py [--clips FOLDER]``: 720p MJPEG as a webcam delivers it, the default
model on the CPU with one thread, blurred room. Without a folder of clips the demo is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from segcam.color import frame_to_bgr
from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame
from segcam.pipeline.assemble import make_segmenters
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.refiner import MatteRefiner
from segcam.sink.null import NullSink
from segcam.source.clip import Clip
from segcam.source.demo import Demo
from segcam.zoo.library import DEFAULT, find

SIZE = (720, 1280)
ROUNDS = 3
SOAK_FRAMES = 5000


@dataclass
class Cpu:
    """Processor time of all threads, per frame, in milliseconds."""

    ms: float = 0.0


@contextmanager
def cpu_per(frames: list[int]) -> Iterator[Cpu]:
    """Processor time of the block over the number of frames it appended."""
    result, start = Cpu(), time.process_time_ns()
    yield result
    result.ms = (time.process_time_ns() - start) / 1e6 / sum(frames)


def as_webcam(source: Clip | Demo, path: Path, limit: int) -> None:
    """Write what ``source`` shows as 720p MJPEG 4:2:2, as most webcams send it."""
    source.open()
    frame = Frame.empty(SIZE)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85, cv2.IMWRITE_JPEG_SAMPLING_FACTOR]
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuvj422p"
        for index in range(limit):
            if not source.read(frame):
                break
            _, data = cv2.imencode(
                ".jpg", frame_to_bgr(frame), [*quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422]
            )
            packet = av.Packet(data.tobytes())
            packet.stream, packet.pts, packet.dts = stream, index, index
            packet.time_base = Fraction(1, 30)
            output.mux(packet)
    source.close()


def decode_all(path: Path) -> int:
    """Decode a clip to planes, as the pipeline's capture does; returns the number of frames."""
    clip, frame = Clip(path), Frame.empty(SIZE)
    clip.open()
    count = 0
    while clip.read(frame):
        count += 1
    clip.close()
    return count


def choice():
    """The default model on the CPU, one thread."""
    card, path = find(DEFAULT)
    return make_segmenters(card, path, "cpu", 1)


def bare_inference(runs: int) -> tuple[float, float]:
    """CPU and wall milliseconds of one inference, nothing around it."""
    segmenter = choice().segmenters[0]
    segmenter.open()
    shape = find(DEFAULT)[0]
    tensor = np.random.default_rng(0).random(shape.input.shape, np.float32)
    out = np.empty(shape.output.shape, np.float32)
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(runs):
        segmenter.backend.run(tensor, out)
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    segmenter.close()
    return cpu / 1e6 / runs, wall / 1e6 / runs


def through_pipeline(path: Path, live_s: float | None = None) -> dict:
    """Run a clip through all stages into nothing; the pipeline's own figures."""
    chosen = choice()
    pipeline = Pipeline(
        Clip(path, live=live_s is not None),
        segmenters=chosen.segmenters,
        matte_size=chosen.matte_size,
        refiner=MatteRefiner(),
        compositor=RoomHidden(Blurred(60)),
        sink=NullSink(),
    )
    pipeline.start()
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    pipeline.run(live_s)
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    figures = pipeline.stats.snapshot()
    figures["cpu_ms"] = cpu / 1e6 / figures["sent"]
    figures["wall_ms"] = wall / 1e6 / figures["sent"]
    return figures


def resident_mb() -> float:
    """Resident memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def fresh(function: str, *arguments: str) -> dict:
    """Run one measurement in a process of its own, so that memory is that of a daemon."""
    import subprocess
    import sys

    command = [sys.executable, __file__, "--only", function, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def memory(path: Path) -> dict:
    """Resident memory after 500 frames and after 5,000 more."""
    clip_frames = decode_all(path)
    samples = []
    while sum(s["sent"] for s in samples) < SOAK_FRAMES + 500:
        samples.append({**through_pipeline(path), "rss_mb": resident_mb()})
    early = max(s["rss_mb"] for s in samples[: max(1, 500 // clip_frames)])
    return {"early_mb": early, "late_mb": samples[-1]["rss_mb"]}


def cost(clips: list[Path]) -> dict:
    """Processor time of all stages against decoding plus bare inference, interleaved."""
    rounds = []
    for _ in range(ROUNDS):
        counts: list[int] = []
        with cpu_per(counts) as decoding:
            counts.extend(decode_all(clip) for clip in clips)
        inference_ms, _ = bare_inference(200)
        runs = [through_pipeline(clip) for clip in clips]
        all_stages = statistics.fmean(run["cpu_ms"] for run in runs)
        slowest = statistics.fmean(_slowest_ms(run) for run in runs)
        rounds.append(
            {
                "decode_ms": decoding.ms,
                "inference_ms": inference_ms,
                "all_stages_ms": all_stages,
                "cost_ratio": all_stages / (decoding.ms + inference_ms),
                "rate_ratio": slowest / statistics.fmean(run["wall_ms"] for run in runs),
            }
        )
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


def _slowest_ms(run: dict) -> float:
    stages = run["stages_ms"]
    output = sum(stages[name]["p50"] for name in ("refine", "composite", "send"))
    return max(stages["capture"]["p50"], stages["segment"]["p50"], output)


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
        clips = prepare(arguments.clips, Path(folder))
        figures = cost(clips)
        live = through_pipeline(clips[0], live_s=10.0)
        figures["latency_p95_ms"] = live["stages_ms"]["latency"]["p95"]
        figures["stages_ms"] = through_pipeline(clips[0])["stages_ms"]
        figures.update(fresh("memory", str(clips[0])))
    report(figures, arguments.json)


def prepare(folder: Path | None, target: Path) -> list[Path]:
    """The clips as a webcam would send them."""
    if folder is None:
        as_webcam(Demo(SIZE, live=False), target / "demo.mkv", 90)
        return [target / "demo.mkv"]
    for path in sorted(folder.glob("*.mkv")):
        as_webcam(Clip(path, size=SIZE), target / path.name, 90)
    return sorted(target.glob("*.mkv"))


def report(figures: dict, as_json: bool) -> None:
    """Print the figures beside their goals."""
    if as_json:
        print(json.dumps(figures, indent=2))
        return
    goals = {
        "cost_ratio": "<= 1.6   all stages / (decode to planes + bare inference), CPU time",
        "rate_ratio": ">= 0.9   end to end / slowest stage",
        "latency_p95_ms": "<= 66.7  at 30 Hz",
        "early_mb": "<= 350   resident",
        "late_mb": "no growth over 5,000 frames",
    }
    print(f"{os.cpu_count()} processors, 1280x720 MJPEG, one inference thread, blur")
    for key, value in figures.items():
        if key == "stages_ms":
            for stage, times in value.items():
                print(f"  {stage:14} p50 {times['p50']:7.2f}  p95 {times['p95']:7.2f} ms")
        else:
            print(f"{key:16} {value:8.2f}  {goals.get(key, '')}")


if __name__ == "__main__":
    main()
