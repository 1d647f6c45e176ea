"""A frame becomes a coarse matte that has been checked before anybody believes it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from segcam.errors import MatteRejected
from segcam.frame import F32, U8, Frame, Size
from segcam.model_card import ModelCard
from segcam.segment.base import Backend
from segcam.segment.memory import Tensors
from segcam.segment.tensor import TensorCutter
from segcam.segment.unchanged import Unchanged

_TOLERANCE = 0.01
"""How far rounding in half precision may carry a matte beyond 0..1."""
_VISIBLE = 0.25
"""Opacity from which on the refiner shows something of a pixel."""
_FULL = 0.98
"""Share of visible pixels above which, corners included, nobody was found but the whole room."""
_UNCHANGED = 0.1
"""Levels of 0..255 by which two frames differ on average, as the model sees them, where nothing
moves. A real camera's noise alone is more."""


class ModelSegmenter:
    """One model on one backend. Opened, used and closed on one thread.

    Args:
        card: The model's contract.
        path: Its file, in the format that ``backend`` reads.
        backend: Owned from here on.
        threads: Intra-op threads, where the device is the CPU.
    """

    def __init__(self, card: ModelCard, path: Path, backend: Backend, threads: int = 1) -> None:
        self.backend = backend
        self.model = card.name
        self._card, self._path, self._threads = card, path, threads
        self._cutter = TensorCutter(card)
        self._tensors: Tensors | None = None
        self._unchanged = Unchanged(card.input.size)
        self._matte: F32 = np.empty(card.output.size, np.float32)
        # Of the frame whose answer was last a new one.
        self._last_picture = np.zeros((*card.input.size, 3), np.uint8)
        self._last_answer = np.full(card.output.size, np.nan, np.float32)

    @property
    def matte_size(self) -> Size:
        """(h, w) of the mattes."""
        return self._card.output.size

    def open(self) -> None:
        """Load the model.

        Raises:
            BackendUnavailable, BackendFailed, ModelMismatch: As ``Backend.load``.
        """
        self._tensors = Tensors(self._card)
        self._unchanged.forget()
        self.backend.load(self._card, self._path, self._tensors, self._threads)

    def segment(self, frame: Frame, out: F32) -> bool:
        """Give one frame its matte.

        Args:
            frame: Any size. Borrowed, unchanged.
            out: float32 (h, w) of ``matte_size``: 0 background to 1 person.

        Returns:
            Whether it was inferred. Where nothing has moved it is the one before, see `Unchanged`.

        Raises:
            BackendFailed: The model could not be run.
            MatteRejected: It answered nonsense; ``out`` is undefined in both cases.
        """
        assert self._tensors is not None
        picture = self._cutter.cut(frame, self._tensors.input)
        if self._unchanged.lasts(picture, frame.captured_ns) and not frame.cut:
            np.copyto(out, self._matte)
            return False
        self._unchanged.forget()
        self._infer(picture, self._tensors.output, out)
        np.copyto(self._matte, out)
        self._unchanged.remember(out)
        return True

    def close(self) -> None:
        """Release the model. Never fails; may be called twice."""
        self.backend.close()
        self._tensors = None

    def _infer(self, picture: U8, answer: F32, out: F32) -> None:
        answer.fill(np.nan)  # what a backend leaves unwritten must not pass for an answer
        self.backend.run()
        # Checked where nobody else writes, whatever a driver still does.
        np.copyto(out, answer.reshape(out.shape))
        old = self._is_old(picture, out)
        if self._card.activation == "sigmoid":
            _sigmoid(out)
        _check(out)
        if old and out.max() > _VISIBLE:
            raise _rejected("it is, to the last bit, the answer to an earlier picture")
        np.clip(out, 0, 1, out=out)

    def _is_old(self, picture: U8, answer: F32) -> bool:
        """Whether the answer is another picture's: no network answers two alike to the last bit."""
        if not np.array_equal(answer, self._last_answer):
            np.copyto(self._last_answer, answer)
            np.copyto(self._last_picture, picture)
            return False
        return cv2.norm(picture, self._last_picture, cv2.NORM_L1) > _UNCHANGED * picture.size


def _sigmoid(logits: F32) -> None:
    """``1 / (1 + exp(-x))`` in place; infinities become NaN, so that the check sees them."""
    with np.errstate(invalid="ignore", over="ignore"):
        logits -= logits * 0  # x - 0 is x, but inf - NaN is NaN
        np.negative(logits, out=logits)
        np.exp(logits, out=logits)
        logits += 1
        np.reciprocal(logits, out=logits)


def _check(matte: F32) -> None:
    """Raise MatteRejected unless float32 (h, w) ``matte`` may be a person's."""
    low, high = float(matte.min()), float(matte.max())
    # NaN is carried through min and max and fails every comparison.
    if not (low >= -_TOLERANCE and high <= 1 + _TOLERANCE):
        raise _rejected(f"its values run from {low:g} to {high:g}, not from 0 to 1")
    if matte[:: matte.shape[0] - 1, :: matte.shape[1] - 1].min() < _VISIBLE:
        return
    share = np.count_nonzero(matte > _VISIBLE) / matte.size
    if share > _FULL:
        raise _rejected(f"a person is said to fill {share:.1%} of the picture, corners included")


def _rejected(reason: str) -> MatteRejected:
    return MatteRejected(
        "The model's answer is no matte",
        reason,
        "If this lasts, sit a little further from the camera, uncover it, or try another "
        "--backend or --model",
    )
