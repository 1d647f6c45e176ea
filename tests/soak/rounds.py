"""One life of a pipeline: put together at random, disturbed at random, stopped."""

from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random

import cv2
import numpy as np
from soak.growth import children, own_threads
from soak.parts import Camera, Model, Output

from segcam.composite.compositor import RoomHidden
from segcam.errors import ModelMissing, SegCamError
from segcam.frame import Frame, Size
from segcam.pipeline.assemble import make_compositor
from segcam.pipeline.demand import Demand
from segcam.pipeline.networks import make_networks
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.segment import Segments
from segcam.refine.refiner import MatteRefiner
from segcam.settings import Background, Blur, Color, NoEffect, Picture, Video
from segcam.sink.base import Sink
from segcam.sink.file import FileSink
from segcam.sink.null import NullSink
from segcam.sink.several import Several
from segcam.zoo.library import DEFAULT, find

DEADLINE_S = 120
"""Starting, stopping and coming back take a second; what takes so long never ends."""
BACK_TICKS = 300
"""Of 0.1 s: until pictures must have come back."""
SIZES: Sequence[Size] = ((180, 320), (144, 256))
RATE_HZ = Fraction(20)
LINGER_S = 0.3
"""Between the last viewer's leaving and the camera's closing."""


@dataclass
class Took:
    """The longest each kind of step took, in seconds."""

    longest_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Ends the process, with every thread's stack, where the step does not end."""
        faulthandler.dump_traceback_later(DEADLINE_S, exit=True)
        start = time.monotonic()
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            longest_s = self.longest_s.get(name, 0.0)
            self.longest_s[name] = max(longest_s, time.monotonic() - start)


class Round:
    """A pipeline of random parts.

    Args:
        random: Decides everything.
        folder: Holds the backgrounds of `make_backgrounds`; recordings go there.
        took: Where durations are noted.
    """

    def __init__(self, random: Random, folder: Path, took: Took) -> None:
        self._random = random
        self._folder = folder
        self._took = took
        self._history: list[str] = []
        self._camera = Camera(random.choice(SIZES), RATE_HZ)
        self._model = Model()
        self._file = folder / "recorded.mp4"
        self._output = Output(random.choice((NullSink(), FileSink(self._file))))
        self._compositor = make_compositor(self._any_background())
        self._segmenters = self._any_segmenters()
        self._sink = self._any_sink()
        self._pipeline = Pipeline(
            self._camera,
            segmenters=self._segmenters,
            refiner=MatteRefiner(),
            compositor=self._compositor,
            sink=self._sink,
            demand=Demand(LINGER_S),
        )

    def run(self, disturbances: int) -> None:
        """Start, disturb, heal, stop.

        Raises:
            AssertionError: It did not come back, or left something behind.
        """
        with self._took.step("start"):
            self._pipeline.start()
        for _ in range(disturbances):
            disturb = self._random.choice(
                (self._unplug, self._lose, self._fail, self._leave, self._switch, self._kill)
            )
            self._history.append(disturb.__name__)
            disturb()
            time.sleep(self._random.uniform(0.05, 0.6))
        self._heal()
        with self._took.step("picture"):
            assert self._output.wait_for_pictures(5, BACK_TICKS), self._state()
        with self._took.step("stop"):
            self._pipeline.stop()
        pool = self._pipeline.pool
        assert pool is not None
        assert pool.free == pool.depth, "a frame was never given back"
        assert not own_threads(), own_threads()

    def refuse(self) -> None:
        """Start without a camera or without a device: nothing is left behind.

        Raises:
            AssertionError: It started.
        """
        # one output of several may be missing
        alone = self._sink is self._output
        part = self._random.choice((self._camera, self._output)) if alone else self._camera
        part.away = True
        with self._took.step("refusal"):
            try:
                self._pipeline.start()
            except SegCamError:
                assert not own_threads(), own_threads()
                return
        raise AssertionError("started without a camera or a device")

    def _state(self) -> str:
        """For people who have to find out why."""
        pipeline, history = self._pipeline, ", ".join(self._history)
        return f"{pipeline.trouble!r} after {history}; {pipeline.stats.snapshot()}; {vars(self)}"

    def _unplug(self) -> None:
        self._camera.away = not self._camera.away
        self._camera.size = self._random.choice(SIZES)

    def _lose(self) -> None:
        self._output.away = not self._output.away

    def _fail(self) -> None:
        self._model.failing = not self._model.failing

    def _leave(self) -> None:
        self._output.viewed = not self._output.viewed

    def _switch(self) -> None:
        other = make_compositor(self._any_background())
        if isinstance(self._compositor, RoomHidden) and isinstance(other, RoomHidden):
            self._compositor.background = other.background

    def _kill(self) -> None:
        for child in children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _heal(self) -> None:
        self._camera.away = self._output.away = self._model.failing = False
        self._output.viewed = True

    def _any_sink(self) -> Sink:
        if self._random.random() < 0.5:
            return self._output
        return Several((self._output, FileSink(self._folder / "second.mp4")))

    def _any_segmenters(self) -> Sequence[Segments]:
        request = self._random.choice(("told", "told", "null", "onnxruntime-cpu", "litert-cpu"))
        if request != "told":
            with suppress(ModelMissing):
                isolate = self._random.choice(("always", "never"))
                return make_networks(*find(DEFAULT), request, isolate=isolate).segmenters
        return [self._model]

    def _any_background(self) -> Background:
        random = self._random
        return random.choice(
            (
                Blur(random.randrange(101)),
                Color((random.randrange(256), 90, 200)),
                Picture(self._folder / "room.png"),
                Video(self._folder / "room.mp4"),
                NoEffect(),
            )
        )


def make_backgrounds(folder: Path) -> None:
    """A picture and a clip of one second, from which rounds choose."""
    noise = np.random.default_rng(3).integers(0, 256, (90, 160, 3), np.uint8)
    assert cv2.imwrite(str(folder / "room.png"), noise)
    clip = FileSink(folder / "room.mp4")
    clip.open(SIZES[0], RATE_HZ)
    frame = Frame.filled(SIZES[0], (100, 100, 150))
    for index in range(20):
        frame.stamp(index, round(index * 1e9 / RATE_HZ))
        clip.send(frame)
    clip.close()
