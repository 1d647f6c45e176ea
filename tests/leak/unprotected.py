"""A simple loop without protection: always sends something, with the newest matte.

It shows that the leak test can fail.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from segcam.composite.compositor import Compositor
from segcam.errors import BackendFailed
from segcam.frame import F32, U8, Frame
from segcam.model_card import ModelCard
from segcam.refine.base import Refiner
from segcam.segment.base import Backend
from segcam.segment.memory import Tensors
from segcam.segment.tensor import TensorCutter
from segcam.sink.base import Sink
from segcam.source.base import Source

PAUSE_S = 0.05


class Unprotected:
    """A camera loop with another thread for the model.

    It uses the model's answer unchecked. Without a new answer it uses the last one; before the
    first answer it sends the raw frame. Failing parts are skipped or restarted.
    """

    def __init__(
        self,
        source: Source,
        card: ModelCard,
        backend: Backend,
        refiner: Refiner,
        compositor: Compositor,
        sink: Sink,
    ) -> None:
        self._source, self._sink = source, sink
        self._backend, self._refiner, self._compositor = backend, refiner, compositor
        self._card = card
        self._coming: tuple[ModelCard, Backend] | None = None
        self._matte: F32 | None = None
        self._newest: Frame | None = None
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=loop, daemon=True) for loop in (self._show, self._segment)
        ]

    def start(self) -> None:
        """Let the frames go."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._stop.set()
        self._source.interrupt()
        for thread in self._threads:
            thread.join(3)

    def change(self, *, compositor: Compositor) -> None:
        """Make other pictures from now on."""
        self._compositor = compositor

    def change_model(self, card: ModelCard, backend: Backend) -> None:
        """Replace the running model by another one."""
        self._coming = card, backend
        while self._coming is not None and not self._stop.is_set():
            time.sleep(PAUSE_S)

    def _show(self) -> None:
        while not self._stop.is_set():
            try:
                self._session()
            except Exception:
                time.sleep(PAUSE_S)
            finally:
                with suppress(Exception):
                    self._sink.close()

    def _session(self) -> None:
        info = self._source.open()
        self._sink.open(info.size, info.rate_hz)
        self._matte = self._newest = None
        frame = Frame.empty(info.size)
        while not self._stop.is_set() and self._source.read(frame):
            self._newest = frame
            self._sink.send(self._picture(frame))
            frame = Frame.empty(info.size)

    def _picture(self, frame: Frame) -> Frame:
        if self._matte is None:
            return frame
        out = Frame.empty(frame.size)
        try:
            self._compositor.composite(frame, self._full_size(self._matte, frame), out)
        except Exception:
            return frame
        return out

    def _full_size(self, matte: F32, frame: Frame) -> U8:
        out = np.zeros(frame.size, np.uint8)
        try:
            self._refiner.refine(matte, frame, out)
        except Exception:
            enlarged = cv2.resize(matte, frame.size[::-1])
            np.copyto(out, enlarged * 255, casting="unsafe")
        return out

    def _segment(self) -> None:
        while not self._stop.is_set():
            self._segment_with(self._card, self._backend)

    def _segment_with(self, card: ModelCard, backend: Backend) -> None:
        """Segment until another model comes."""
        tensors = Tensors(card)
        with suppress(BackendFailed):
            backend.load(card, Path(), tensors)
        self._coming = None
        cutter = TensorCutter(card)
        while not self._stop.is_set():
            if self._coming is not None:
                self._card, self._backend = self._coming
                return
            frame, self._newest = self._newest, None
            if frame is None:
                time.sleep(0.002)
                continue
            with suppress(Exception):
                cutter.cut(frame, tensors.input)
                backend.run()
                self._matte = tensors.output.reshape(card.output.size).copy()
