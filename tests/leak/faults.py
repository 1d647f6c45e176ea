"""Every part of the product, with a switch that breaks it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from leak.breakages import Act
from leak.room import Camera, JpegCamera

from segcam.composite.compositor import Compositor
from segcam.errors import BackendFailed
from segcam.frame import F32, U8, Frame
from segcam.model_card import ModelCard, Tensor
from segcam.refine.base import Refiner
from segcam.segment.memory import Tensors

HANG_S = 10.0
"""Longest hang, so that a broken test itself does not hang."""
ROWS, COLUMNS = 144, 256
COMPILE_S = 0.3
"""Longer than an old matte can hide the walker."""
CARD = ModelCard(
    name="colour",
    title="Takes what is coloured for the person",
    licence="MIT",
    origin="the leak test",
    file="",
    sha256="0" * 64,
    input=Tensor("picture", (1, ROWS, COLUMNS, 3), "nhwc"),
    output=Tensor("matte", (1, ROWS, COLUMNS, 1), "nhwc"),
)
SMALL_CARD = replace(
    CARD,
    input=replace(CARD.input, shape=(1, ROWS // 2, COLUMNS // 2, 3)),
    output=replace(CARD.output, shape=(1, ROWS // 2, COLUMNS // 2, 1)),
)
FULL_RED_OVER_BLUE = 0.56
"""Difference of red and blue in the walker's colour; the wall is grey."""


class Fault:
    """A fault that lasts from ``begin`` to ``end``."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self._on, self._over = threading.Event(), threading.Event()
        self._over.set()

    def begin(self) -> None:
        """Start the fault."""
        self._over.clear()
        self._on.set()

    def end(self) -> None:
        """End the fault, and release hanging parts."""
        self._on.clear()
        self._over.set()

    @property
    def on(self) -> bool:
        """Whether the fault is active."""
        return self._on.is_set()

    def hang(self) -> None:
        """Come back when it is over."""
        self._over.wait(HANG_S)


class FaultyCamera(Camera):
    """A camera that does what its fault says."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        more = super().read(out)
        if self._fault.on:
            self._fault.act(self._fault, out)
        return more


class FaultyJpegCamera(JpegCamera):
    """A camera whose cable does what its fault says."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def wire(self, data: bytes) -> bytes:
        """The part of ``data`` that arrives."""
        return self._fault.act(data) if self._fault.on else data


class ColourBackend:
    """A model that always finds the walker. See `segcam.segment.base.Backend`."""

    name, device = "colour", "none"

    def __init__(self, fault: Fault | None = None) -> None:
        self._fault = fault
        self._answer: F32 = np.empty(0, np.float32)

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See `Backend.load`; there is nothing to load."""
        self._tensors = tensors
        self._answer = np.zeros(card.output.shape, np.float32)
        if self._fault is not None and self._fault.on:
            self._fault.act(self._fault, self._answer)
        return tensors

    def run(self) -> None:
        """See `Backend.run`. Answers in its own memory, like runtimes."""
        if self._fault is not None and self._fault.on:
            self._fault.act(self._fault, self._answer)
        else:
            tensor = self._tensors.input
            redder = (tensor[..., 0] - tensor[..., 2]) / FULL_RED_OVER_BLUE
            np.clip(redder, 0, 1, out=self._answer[..., 0])
        np.copyto(self._tensors.output, self._answer)

    def close(self) -> None:
        """Nothing to release."""


class SlowBackend(ColourBackend):
    """The same, but loading is slow and may fail."""

    def __init__(self, fails: bool) -> None:
        super().__init__()
        self._fails = fails

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See `Backend.load`."""
        time.sleep(COMPILE_S)
        if self._fails:
            raise BackendFailed("broken on purpose")
        return super().load(card, path, tensors, threads)


class FaultyRefiner:
    """A refiner that does what its fault says."""

    edges = "fast"

    def __init__(self, refiner: Refiner, fault: Fault) -> None:
        self._refiner, self._fault = refiner, fault

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """See `Refiner.refine`."""
        if self._fault.on:
            self._fault.act(self._fault, out)
        else:
            self._refiner.refine(coarse, frame, out)

    def close(self) -> None:
        """See `Refiner.close`."""
        self._refiner.close()


class FaultyNetwork:
    """An edge refiner's network, which returns the given coarse matte, or its fault."""

    def __init__(self, card: ModelCard, fault: Fault) -> None:
        self._fault = fault
        self.input = np.zeros(card.input.shape, np.float32)
        self.output = np.zeros(card.output.shape, np.float32)

    def run(self) -> None:
        """See `segcam.refine.learned.Network`."""
        if self._fault.on:
            self._fault.act(self._fault, self.output)
        else:
            np.copyto(self.output, self.input[:, -1:])

    def close(self) -> None:
        """See `segcam.refine.learned.Network`."""


class FaultyCompositor(Compositor):
    """A compositor that does what its fault says."""

    needs_matte = True

    def __init__(self, compositor: Compositor, fault: Fault) -> None:
        self._compositor, self._fault = compositor, fault

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Compositor.composite`."""
        if self._fault.on:
            self._fault.act(self._fault, frame, out)
        self._compositor.composite(frame, matte, out)

    def hide(self, frame: Frame, out: Frame) -> None:
        """See `Compositor.hide`."""
        self._compositor.hide(frame, out)
