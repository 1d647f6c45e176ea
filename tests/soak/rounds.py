"""One life of a pipeline: put together at random, disturbed at random, stopped."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from fractions import Fraction
from pathlib import Path
from random import Random

import cv2
import numpy as np
from soak.growth import own_threads
from soak.parts import Camera, Model, Output
from soak.took import Took
from support.processes import children
from support.waiting import until

from segcam.errors import ModelMissing, SegCamError
from segcam.frame import Frame, Size
from segcam.pipeline.compositors import make_compositor
from segcam.pipeline.demand import Demand
from segcam.pipeline.networks import make_networks, make_refiner
from segcam.pipeline.pipeline import Pipeline
from segcam.refine.base import Refiner
from segcam.segment.base import Segmenter
from segcam.settings import Background, Blur, Color, NoEffect, Picture, Video
from segcam.sink.base import Sink
from segcam.sink.file import FileSink
from segcam.sink.null import NullSink
from segcam.sink.several import Several
from segcam.zoo.library import DEFAULT, find

BACK_TICKS = 300
"""Of 0.1 s: until pictures must have come back."""
SIZES: Sequence[Size] = ((180, 320), (144, 256))
RATE_HZ = Fraction(20)
LINGER_S = 0.3
"""Between the last viewer's leaving and the camera's closing."""


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
        self._history: list[Callable[[], None]] = []
        self._camera = Camera(random.choice(SIZES), RATE_HZ)
        self._model = Model()
        self._file = folder / "recorded.mp4"
        self._output = Output(random.choice((NullSink(), FileSink(self._file))))
        self._sink = self._any_sink()
        self._pipeline = Pipeline(
            self._camera,
            segmenters=self._any_segmenters(),
            refiner=self._any_refiner(),
            compositor=make_compositor(self._any_background()),
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
            disturb = self._random.choice(self._disturbances())
            self._history.append(disturb)
            disturb()
            time.sleep(self._random.uniform(0.05, 0.6))
        self._heal()
        with self._took.step("picture"):
            assert self._output.wait_for_pictures(5, BACK_TICKS), self._state()
        with self._exchanging() if self._random.random() < 0.3 else nullcontext():
            time.sleep(self._random.uniform(0, 0.5))
            with self._took.step("stop"):
                self._pipeline.stop()
        self._check_recordings()
        pool = self._pipeline.pool
        assert pool is not None
        assert pool.free == pool.depth, "a frame was never given back"
        _check_threads()

    def _check_recordings(self) -> None:
        """Each opening of a file has left one of its own, and no part of one; then they go."""
        for file in self._folder.iterdir():
            assert not file.name.startswith("."), f"a part was left: {file}"
            if file.stem.startswith(("recorded", "second")):
                file.unlink()

    def _disturbances(self) -> list[Callable[[], None]]:
        """The possible next events: a model that fails too often correctly ends the run."""
        often = [self._unplug, self._lose, self._leave, self._switch, self._exchange]
        rare = {self._fail: 1, self._kill: 2, self._exchange_two_and_kill: 2}
        return often + [each for each, most in rare.items() if self._history.count(each) < most]

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
                _check_threads()
                return
        raise AssertionError("started without a camera or a device")

    def _state(self) -> str:
        """For people who have to find out why."""
        pipeline, history = self._pipeline, ", ".join(each.__name__ for each in self._history)
        return f"{pipeline.trouble!r} after {history}; {pipeline.stats.snapshot()}; {vars(self)}"

    def _unplug(self) -> None:
        self._camera.away = not self._camera.away
        self._camera.size = self._random.choice(SIZES)

    def _lose(self) -> None:
        self._output.away = not self._output.away

    def _fail(self) -> None:
        self._model.failing = True
        time.sleep(self._random.uniform(0.05, 0.6))
        self._model.failing = False

    def _leave(self) -> None:
        self._output.viewed = not self._output.viewed

    def _switch(self) -> None:
        with self._took.step("background"):
            self._pipeline.change(
                compositor=make_compositor(self._any_background()),
                refiner=self._any_refiner(),
                mirror=self._random.choice((False, True)),
            )

    def _exchange(self) -> None:
        with self._exchanging():
            pass

    def _exchange_two_and_kill(self) -> None:
        with self._exchanging(), self._exchanging():
            time.sleep(self._random.uniform(0, 0.5))
            self._kill()

    @contextmanager
    def _exchanging(self) -> Iterator[None]:
        """Another model is loaded meanwhile, unless it is killed or the pipeline stops first."""

        def exchange() -> None:
            with suppress(SegCamError):
                self._pipeline.change_segmenters(segmenters)

        segmenters = self._any_segmenters()
        thread = threading.Thread(target=exchange)
        thread.start()
        yield
        with self._took.step("model"):
            thread.join()

    def _kill(self) -> None:
        for child in children():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _heal(self) -> None:
        self._camera.away = self._output.away = False
        self._output.viewed = True

    def _any_sink(self) -> Sink:
        if self._random.random() < 0.5:
            return self._output
        return Several((self._output, FileSink(self._folder / "second.mp4")))

    def _any_segmenters(self) -> Sequence[Segmenter]:
        request = self._random.choice(("told", "told", "null", "onnxruntime-cpu", "litert-cpu"))
        if request != "told":
            with suppress(ModelMissing):
                isolate = self._random.choice(("always", "never"))
                return make_networks(*find(DEFAULT), request, isolate=isolate).segmenters
        return [self._model]

    def _any_refiner(self) -> Refiner:
        return make_refiner(self._random.choice(("fast", "fast", "sharp")), DEFAULT, "null")

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


def _check_threads() -> None:
    """A network that was being loaded when the pipeline stopped is closed when it is there."""
    assert until(lambda: not own_threads()), own_threads()


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
