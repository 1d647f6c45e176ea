"""Makes the output picture of each frame: refine, composite, or hide."""

from __future__ import annotations

import numpy as np

from segcam.frame import BLACK, Frame, Size
from segcam.pipeline.look import Look
from segcam.pipeline.pool import Lease
from segcam.pipeline.stats import Stats
from segcam.refine.base import Refiner
from segcam.refine.check import shows_more


class Composer:
    """Keeps the last full-size matte: if nothing has moved, the next frame reuses it.

    Args:
        size: (H, W) of the first frames.
        stats: Gets timings and counts hidden frames.
    """

    def __init__(self, size: Size, stats: Stats) -> None:
        self._stats = stats
        self._composite = Frame.filled(size, BLACK)
        self._matte = np.zeros(size, np.uint8)
        self._has_matte = False
        self._inference: object = None
        self._refiner: Refiner | None = None

    def forget(self) -> None:
        """A frame was skipped: the refiner's history no longer belongs to the last frame."""
        self._has_matte = False

    def make(self, lease: Lease, look: Look) -> Frame:
        """The picture of one frame; a privacy frame if there is no valid matte.

        Returns:
            Valid until the next call.
        """
        frame, compositor = lease.frame, look.compositor
        if self._matte.shape != frame.size:
            self._matte = np.zeros(frame.size, np.uint8)
            self._has_matte = False
        # A frame that the refiner skipped or got wrong invalidates its history.
        remembered, self._has_matte = self._has_matte, False
        if compositor.needs_matte and lease.has_matte:
            frame.cut |= not remembered
            self._has_matte = self._have_refined(lease, look.refiner)
        if compositor.needs_matte and not self._has_matte:
            self._stats.hidden += 1
            compositor.hide(frame, self._composite)
        else:
            with self._stats.timed("composite"):
                compositor.composite(frame, self._matte, self._composite)
        return self._composite

    def _have_refined(self, lease: Lease, refiner: Refiner) -> bool:
        """Make the full-size matte; False if it is not plausible.

        If nothing has moved, the previous frame's matte is reused.
        """
        lease.frame.cut |= refiner is not self._refiner
        if not lease.frame.cut and lease.inference is self._inference:
            return True
        self._refiner, self._inference = refiner, lease.inference
        return self._refine(lease, refiner)

    def _refine(self, lease: Lease, refiner: Refiner) -> bool:
        with self._stats.timed("refine"):
            self._matte.fill(0)  # so that unwritten parts do not show the last frame's matte
            refiner.refine(lease.matte, lease.frame, self._matte)
            return not shows_more(lease.matte, lease.frame.box.of(self._matte))
