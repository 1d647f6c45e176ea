"""The refine stage on the CPU: calm over time, fitted to the picture, written at full size."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8, Frame
from segcam.refine.edge import EdgeFit
from segcam.refine.guide import Guide
from segcam.refine.levels import Levels
from segcam.refine.temporal import Smoother


class MatteRefiner:
    """A ``refine.base.Refiner`` for frames and mattes of any size. One thread.

    Args:
        smooth: Average over time where the picture stands still. Off for unrelated pictures.
    """

    def __init__(self, smooth: bool = True) -> None:
        self._smooth = smooth
        self._guide = Guide()
        self._levels = Levels()
        self._smoother: Smoother | None = None

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte, as ``refine.base.Refiner`` has it."""
        if self._guide.read(frame):
            self._edge = EdgeFit(self._guide)
            self._matte: F32 = np.empty(self._guide.half.shape[1:], np.float32)
            self._smoother = None
        cv2.resize(coarse, self._matte.shape[::-1], dst=self._matte)
        matte = self._calm(frame.cut) if self._smooth else self._matte
        self._levels.write(self._edge.refine(matte), out)

    def _calm(self, cut: bool) -> F32:
        if cut or self._smoother is None:
            self._smoother = Smoother(self._matte, self._guide.mean)
            return self._matte
        return self._smoother.smooth(self._matte, self._guide.mean)
