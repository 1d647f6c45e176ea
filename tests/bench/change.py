"""Measures how long a call waits for a new model or background on this machine.

``python tests/bench/change.py``: the demo at 1280x720 and 30 Hz into nothing, the default model on
the CPU. It changes models and backgrounds in turn, with pauses between.

gap: the longest time between two pictures, from the start of the change until half a second after.
done: until the change has returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.frame import Frame, Size
from segcam.pipeline.assemble import assemble
from segcam.pipeline.networks import Isolate, make_networks, make_refiner
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.sinks import Destination
from segcam.settings import Settings
from segcam.sink.null import NullSink
from segcam.source.demo import Demo
from segcam.zoo.library import DEFAULT, find

TURNS, CALM_S, AFTER_S = 6, 0.7, 0.5


class Clock(NullSink):
    """Records the time of each frame."""

    def __init__(self) -> None:
        self.sent_s: list[float] = []

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        self.sent_s.append(time.perf_counter())

    def longest_gap_ms(self, since_s: float) -> float:
        """The longest time between two frames, if the second came after that time."""
        sent = np.array(self.sent_s)
        first = max(0, int(np.searchsorted(sent, since_s)) - 1)
        return float(np.diff(sent[first:]).max() * 1e3)


def measure(clock: Clock, exchange: Callable[[], object]) -> tuple[float, float]:
    """Gap and time until done, in ms, of one change."""
    time.sleep(CALM_S)
    start_s = time.perf_counter()
    exchange()
    done_s = time.perf_counter()
    time.sleep(AFTER_S)
    return clock.longest_gap_ms(start_s), (done_s - start_s) * 1e3


def exchanges(pipeline: Pipeline) -> dict[str, Callable[[], object]]:
    """The measured changes."""

    def model(isolate: Isolate) -> None:
        networks = make_networks(*find(DEFAULT), "litert-cpu", "fast", isolate=isolate)
        pipeline.change_segmenters(networks.segmenters)

    return {
        "nothing": lambda: time.sleep(AFTER_S),
        "background": lambda: pipeline.change(compositor=RoomHidden(Blurred(60))),
        "edges": lambda: pipeline.change(refiner=make_refiner("sharp", DEFAULT, "litert-cpu")),
        "fast edges": lambda: pipeline.change(refiner=make_refiner("fast", DEFAULT, "litert-cpu")),
        "model in a process of its own": lambda: model("always"),
        "model in this process": lambda: model("never"),
    }


def main() -> None:
    """Measure and print."""
    clock = Clock()
    pipeline = assemble(
        Settings(backend="litert-cpu", edges="fast", background="blur:60"),
        source=Demo((720, 1280), Fraction(30)),
        destination=Destination(clock),
    ).pipeline
    print(f"{'exchanged':32} gap p50    max  done p50    max, ms")
    with pipeline:
        found: dict[str, list[tuple[float, float]]] = {}
        for _ in range(TURNS):
            for name, exchange in exchanges(pipeline).items():
                found.setdefault(name, []).append(measure(clock, exchange))
    for name, figures in found.items():
        (gap, gap_max), (done, done_max) = (
            (np.median(f), max(f)) for f in zip(*figures, strict=True)
        )
        print(f"{name:32} {gap:7.1f} {gap_max:6.1f}  {done:8.1f} {done_max:6.1f}")


if __name__ == "__main__":
    main()
