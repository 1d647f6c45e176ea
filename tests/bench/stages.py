"""Shows where the time of a frame goes: "What bounds each stage" in docs/measurements.md.

``python tests/bench/stages.py [FOLDER]``: the main job of ``segcam bench`` (1280x720 MJPEG, default
model, blurred room, fast edges) with the clips of that folder, or with the demo. Linux.

one thread: does everything 30 times a second, as in a call ("live"), and as fast as possible with
the same frame ("warm": its memory is in the caches). Medians of processor time in milliseconds.
pipeline: a call at 30 Hz. For each step between two hand-overs: its time, its thread's processor
time, and how long that thread waited for a processor; the last two also for the slowest twentieth
of the frames. Frames that share a matte are left out.
processors: the speed of two independent processes together, relative to one alone.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam.bench.footage import HD, Footage, moving
from segcam.bench.job import BLUR, Job, loaded
from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.check import shows_more
from segcam.sink.null import NullSink
from segcam.source.jpeg import JpegDecoder
from segcam.zoo.library import DEFAULT

FRAMES, START = 300, 30
SECONDS, TOGETHER_S = 15.0, 2.0
NEXT_NS = 100_000_000
"""So long after the last one, a picture never shares its matte."""
SLOWEST = 95


class Between:
    """Passes calls on to a part of the pipeline, and tells before and after some of them.

    Args:
        part: Where to.
        calls: Names of the methods.
        tell: Called with a method's name, "begins" or "ends", and the method's arguments.
    """

    def __init__(self, part: Any, calls: tuple[str, ...], tell: Callable[..., None]) -> None:
        self._part, self._calls, self._tell = part, calls, tell

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name not in self._calls:
            return found

        def call(*args: Any) -> Any:
            self._tell(name, "begins", args)
            result = found(*args)
            self._tell(name, "ends", args)
            return result

        return call


class Parts:
    """The job's parts, each of which tells of its calls.

    Args:
        footage: The webcam's pictures.
        tell: See `Between`.
    """

    def __init__(self, footage: Footage, tell: Callable[..., None]) -> None:
        job = Job(footage, live_s=SECONDS)
        networks = job.networks(isolate="auto")
        self.webcam, segmenter = job.webcam, networks.segmenters[0]
        self.webcam._decoder = Between(self.webcam._decoder, ("decode",), tell)  # type: ignore[assignment]
        segmenter.backend = Between(segmenter.backend, ("run",), tell)
        self.segmenter = Between(segmenter, ("segment",), tell)
        self.refiner = Between(networks.refiner, ("refine",), tell)
        background = Between(Blurred(BLUR), ("paint",), tell)
        self.compositor = Between(RoomHidden(background), ("composite",), tell)
        self.sink = Between(NullSink(), ("send",), tell)


def stages(footage: Footage) -> dict[str, dict[str, float]]:
    """Milliseconds of processor time of each stage, live and warm."""
    return {"live": _one_thread(footage, True), "warm": _one_thread(footage, False)}


def _one_thread(footage: Footage, live: bool) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    begun: dict[str, int] = {}

    def tell(name: str, event: str, _: Any) -> None:
        if event == "begins":
            begun[name] = time.thread_time_ns()
        else:
            spent[name] += (time.thread_time_ns() - begun[name]) / 1e6

    parts = Parts(footage, tell)
    frames = [Frame.empty(parts.webcam.open().size) for _ in range(6)]
    out, fine = Frame.empty(frames[0].size), np.zeros(frames[0].size, np.uint8)
    parts.segmenter.open()
    matte = np.empty(parts.segmenter.matte_size, np.float32)
    each: dict[str, list[float]] = defaultdict(list)
    for count in range(START + FRAMES):
        frame = frames[count % len(frames) if live else 0]
        spent.clear()
        if live or count == 0:
            parts.webcam.read(frame)
        else:
            frame.stamp(count, frame.captured_ns + NEXT_NS)
        begun["small"] = time.thread_time_ns()
        frame.make_small()
        tell("small", "ends", ())
        inferred = parts.segmenter.segment(frame, matte)
        if inferred:
            begun["clear"] = time.thread_time_ns()
            fine.fill(0)
            tell("clear", "ends", ())
            parts.refiner.refine(matte, frame, fine)
            begun["check"] = time.thread_time_ns()
            shows_more(matte, frame.box.of(fine))
            tell("check", "ends", ())
        parts.compositor.composite(frame, fine, out)
        if count >= START and inferred:
            spent["segment"] -= spent["run"]
            spent["composite"] -= spent["paint"]
            for name, milliseconds in spent.items():
                each[name].append(milliseconds)
        parts.segmenter.look_around()
    parts.segmenter.close()
    return {name: float(np.median(values)) for name, values in each.items()}


class Trace:
    """Times of one frame's events: ``time.monotonic_ns``, processor time, waiting; nanoseconds."""

    def __init__(self) -> None:
        self.frames: dict[int, dict[str, tuple[int, int, int]]] = defaultdict(dict)
        self._read = 0
        self._segmenting: int | None = None

    def tell(self, name: str, event: str, args: Any) -> None:
        """See `Between`."""
        now = time.monotonic_ns(), time.thread_time_ns(), _waited_ns()
        frame = next((arg for arg in args if isinstance(arg, Frame)), None)
        key = frame.captured_ns if frame is not None else self._segmenting
        if name == "decode":  # the frame has its time only afterwards
            self._read += event == "begins"
            key = self._read
        if name == "segment":
            self._segmenting = key if event == "begins" else None
        if key is not None:
            self.frames[key].setdefault(f"{name} {event}", now)


STEPS = (
    ("wake up", "due", "decode begins"),
    ("decode", "decode begins", "decode ends"),
    ("small picture, hand over", "decode ends", "segment begins"),
    ("model input", "segment begins", "run begins"),
    ("inference, other process", "run begins", "run ends"),
    ("check of the matte", "run ends", "segment ends"),
    ("hand over", "segment ends", "refine begins"),
    ("refine", "refine begins", "refine ends"),
    ("check, compose", "refine ends", "composite ends"),
    ("send", "composite ends", "send ends"),
)


def pipeline(footage: Footage) -> None:
    """Print the steps of the frames of a call."""
    trace = Trace()
    parts = Parts(footage, trace.tell)
    captured_ns: list[int] = []
    steal = _steal_s()
    with Pipeline(
        parts.webcam,
        segmenters=[parts.segmenter],
        refiner=parts.refiner,
        compositor=parts.compositor,
        sink=parts.sink,
        on_capture=lambda frame: captured_ns.append(frame.captured_ns),
    ):
        time.sleep(SECONDS)
    steal = _steal_s() - steal
    for count, due_ns in enumerate(captured_ns, start=1):
        trace.frames[due_ns] |= {"due": (due_ns, 0, 0), **trace.frames.pop(count, {})}
    events = [event for _, *both in STEPS for event in both]
    first = min(trace.frames) + 1_000_000_000
    frames = [
        each
        for key, each in trace.frames.items()
        if key > first and all(event in each for event in events)
    ]
    _print_steps(frames)
    share = 100 * steal / SECONDS / (os.cpu_count() or 1)
    print(f"other virtual machines took {share:.1f} % of the processors")


def _print_steps(frames: list[dict[str, tuple[int, int, int]]]) -> None:
    latency = np.array([each["send ends"][0] - each["due"][0] for each in frames]) / 1e6
    slow = latency >= np.percentile(latency, SLOWEST)
    print(f"\n{len(frames)} frames; milliseconds")
    head = ("p50", "p95", "processor", "waits", "slowest", "waits")
    print(f"{'':26}" + "".join(f"{each:>10}" for each in head))
    for name, begin, end in STEPS:
        spans = np.array([np.subtract(each[end], each[begin]) for each in frames]) / 1e6
        taken = spans[:, 0]
        if begin == "due" or "hand over" in name:
            spans[:, 1:] = np.nan  # another thread's clock
        row = [*np.percentile(taken, (50, 95)), spans[:, 1].mean(), spans[:, 2].mean()]
        row += [taken[slow].mean(), spans[slow, 2].mean()]
        print(f"{name:26}" + "".join(" " * 10 if np.isnan(x) else f"{x:10.2f}" for x in row))
    p50, p95 = np.percentile(latency, (50, 95))
    print(f"{'from due to sent':26}{p50:10.2f}{p95:10.2f}{'':20}{latency[slow].mean():10.2f}")


def _waited_ns() -> int:
    """How long this thread was ready to run and had no processor so far."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1])


def _steal_s() -> float:
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


def processors(footage: Footage) -> None:
    """Print what all processors do together, over what one does."""
    for kind in ("arithmetic", "decode", "inference"):
        one, all_of_them = (_rate(kind, footage[:60], each) for each in (1, os.cpu_count() or 1))
        print(f"{kind:12} {one:8.0f} and {all_of_them:8.0f} a second: {all_of_them / one:.2f}")


def _rate(kind: str, footage: Footage, processes: int) -> float:
    context = multiprocessing.get_context("spawn")
    start, rates = context.Barrier(processes), context.Queue()
    arguments = kind, footage, start, rates
    children = [context.Process(target=_repeat, args=arguments) for _ in range(processes)]
    for child in children:
        child.start()
    rate: float = sum(rates.get() for _ in children)
    for child in children:
        child.join()
    return rate


def _repeat(kind: str, footage: Footage, start: Any, rates: Any) -> None:
    """Do one thing as often as possible, for a while."""
    frame, decoder, number = Frame.empty(HD), JpegDecoder(), np.ones((64, 64), np.float32)
    pictures = itertools.cycle([memoryview(data) for data in footage])
    things: dict[str, Callable[[], object]] = {
        "arithmetic": lambda: np.dot(number, number),
        "decode": lambda: decoder.decode(next(pictures), frame),
        "inference": loaded(DEFAULT).run,
    }
    do = things[kind]
    do()
    start.wait()
    count, end_s = 0, time.monotonic() + TOGETHER_S
    while time.monotonic() < end_s:
        do()
        count += 1
    rates.put(count / TOGETHER_S)


def main() -> None:
    """Measure and print."""
    cv2.setNumThreads(1)
    footage = moving(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    found = stages(footage)
    print(f"{'one thread, milliseconds':26}{'live':>10}{'warm':>10}")
    for name, live in found["live"].items():
        warm = found["warm"].get(name)
        print(f"{name:26}{live:10.2f}" + ("" if warm is None else f"{warm:10.2f}"))
    pipeline(footage)
    processors(footage)


if __name__ == "__main__":
    main()
