"""The refine stage on the CPU: fitted to the picture, calm over time, written at full size."""

from __future__ import annotations

from segcam.box import Box
from segcam.frame import F32, U8, Frame
from segcam.refine.edge import EdgeFit
from segcam.refine.guide import Guide
from segcam.refine.levels import Levels, fill_around
from segcam.refine.temporal import Smoother


class MatteRefiner:
    """A ``refine.base.Refiner`` for frames and mattes of any size. One thread.

    Args:
        smooth: Average over time where the picture stands still. Off for unrelated pictures.
    """

    edges = "fast"

    def __init__(self, smooth: bool = True) -> None:
        self._smooth = smooth
        self._guide = Guide()
        self._levels = Levels()
        self._smoother: Smoother | None = None
        self._box, self._frame_size = Box.whole((0, 0)), (0, 0)

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte, as ``refine.base.Refiner`` has it."""
        if self._guide.read(frame):
            self._edge = EdgeFit(self._guide)
        matte = self._edge.refine(coarse)
        # Smoothed last, the noise that the fit takes over from the picture is calmed as well.
        self._levels.write(self._calm(matte, frame) if self._smooth else matte, frame.box.of(out))
        fill_around(frame.box.slices, out, 0)

    def close(self) -> None:
        """See `Refiner.close`: nothing was loaded."""

    def _calm(self, matte: F32, frame: Frame) -> F32:
        means, size = self._guide.mean, frame.size
        if frame.cut or self._smoother is None or self._frame_size != size:
            self._smoother = Smoother(matte, means)
        elif self._box != frame.box:
            self._smoother = self._smoother.moved(self._box, frame.box, matte, means)
        self._box, self._frame_size = frame.box, size
        return self._smoother.smooth(matte, means)
