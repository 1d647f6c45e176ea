"""The refine stage on the CPU: fits to the picture, smooths over time, writes at full size."""

from __future__ import annotations

from segcam.box import Box
from segcam.frame import F32, U8, Frame
from segcam.refine.edge import EdgeFit
from segcam.refine.guide import Guide
from segcam.refine.levels import Levels, fill_around
from segcam.refine.temporal import Smoother


class MatteRefiner:
    """A ``refine.base.Refiner`` for frames and mattes of any size. For one thread.

    Args:
        smooth: Average over time where nothing moves. Off for unrelated pictures.
    """

    edges = "fast"

    def __init__(self, smooth: bool = True) -> None:
        self._smooth = smooth
        self._guide = Guide()
        self._levels = Levels()
        self._smoother: Smoother | None = None
        self._box, self._frame_size = Box.whole((0, 0)), (0, 0)

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte, see ``refine.base.Refiner``."""
        if self._guide.read(frame):
            self._edge = EdgeFit(self._guide)
        matte = self._edge.refine(coarse)
        # Smoothing comes last, so that it also smooths noise that the fit adds from the picture.
        self._levels.write(self._calm(matte, frame) if self._smooth else matte, frame.box.of(out))
        fill_around(frame.box.slices, out, 0)

    def close(self) -> None:
        """See `Refiner.close`: there is nothing to release."""

    def _calm(self, matte: F32, frame: Frame) -> F32:
        means, size = self._guide.mean, frame.size
        if frame.cut or self._smoother is None or self._frame_size != size:
            self._smoother = Smoother(matte, means)
        elif self._box != frame.box:
            self._smoother = self._smoother.moved(self._box, frame.box, matte, means)
        self._box, self._frame_size = frame.box, size
        return self._smoother.smooth(matte, means)
