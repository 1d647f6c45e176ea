"""A backend without a runtime: finds the same head and shoulders in every picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from segcam.frame import F32, Size
from segcam.model_card import ModelCard
from segcam.segment.base import Synchronous
from segcam.segment.memory import Tensors


class NullBackend(Synchronous):
    """Always answers the same matte: for tests, and to measure the cost of inference."""

    def __init__(self) -> None:
        self.name = "null"
        self.device = "none"
        self._answer: F32 = np.empty(0, np.float32)
        self._tensors: Tensors | None = None

    def load(
        self,
        card: ModelCard,
        path: Path,  # noqa: ARG002
        tensors: Tensors,
        threads: int = 1,  # noqa: ARG002
    ) -> Tensors:
        """Draw the matte; ``path`` is not read."""
        matte = _head_and_shoulders(card.output.size)
        if card.activation == "sigmoid":
            inner = np.clip(matte, 1e-3, 1 - 1e-3)
            matte = np.log(inner / (1 - inner))
        self._answer = matte.reshape(card.output.shape)
        self._tensors = tensors
        return tensors

    def run(self) -> None:
        """See ``Backend.run``."""
        assert self._tensors is not None
        tensor, out = self._tensors.input, self._tensors.output
        # A thousandth of it depends on the picture: real backends never give two identical answers,
        # so SegCam would take this one for stuck.
        np.multiply(self._answer, 1 - np.float32(1e-3) * np.clip(tensor.mean(), -1, 1), out=out)

    def close(self) -> None:
        """See ``Backend.close``."""
        self._tensors = None


def _head_and_shoulders(size: Size) -> F32:
    """float32 (h, w), 0..1: a person in the middle of the picture, with soft edges."""
    height, width = size
    matte = np.zeros(size, np.float32)
    head, radii = (width // 2, round(0.38 * height)), (round(0.2 * height), round(0.27 * height))
    cv2.ellipse(matte, head, radii, 0, 0, 360, 1.0, cv2.FILLED)
    chest, breadth = (width // 2, height), (round(0.3 * width), round(0.38 * height))
    cv2.ellipse(matte, chest, breadth, 0, 0, 360, 1.0, cv2.FILLED)
    return cv2.GaussianBlur(matte, (0, 0), height / 72).astype(np.float32, copy=False)
