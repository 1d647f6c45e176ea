"""The refine stage on the CPU: fitted to the picture, calm over time, written at full size."""

from __future__ import annotations

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

    edges = "fast"

    def __init__(self, smooth: bool = True) -> None:
        self._smooth = smooth
        self._guide = Guide()
        self._levels = Levels()
        self._smoother: Smoother | None = None

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte, as ``refine.base.Refiner`` has it."""
        if self._guide.read(frame):
            self._edge = EdgeFit(self._guide)
            self._smoother = None
        matte = self._edge.refine(coarse)
        # Smoothed last, the noise that the fit takes over from the picture is calmed as well.
        self._levels.write(self._calm(matte, frame.cut) if self._smooth else matte, out)

    def close(self) -> None:
        """See `Refiner.close`: nothing was loaded."""

    def _calm(self, matte: F32, cut: bool) -> F32:
        if cut or self._smoother is None:
            self._smoother = Smoother(matte, self._guide.mean)
            return matte
        return self._smoother.smooth(matte, self._guide.mean)
