"""The segment worker's duty: each frame gets its matte."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Protocol

from segcam.composite.compositor import Compositor
from segcam.errors import BackendError, BackendLost, MatteRejected, SegCamError
from segcam.frame import F32, Frame
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.slot import POLL_S, Slot
from segcam.pipeline.stats import Stats

log = logging.getLogger(__name__)

FAILURES = 3
"""So many failed inferences in a row: the backend is given up for the next."""
QUICK_S, RARELY_S = 2.0, 60.0
"""A backend whose process was lost is loaded again where that is quick, and if it is rare."""


class Segments(Protocol):
    """What the segment stage needs of a segmenter; `segcam.segment.segmenter.Segmenter` is it."""

    def open(self) -> None:
        """Load the model."""

    def segment(self, frame: Frame, out: F32) -> None:
        """Write the coarse matte of ``frame``."""

    def close(self) -> None:
        """Release the model."""


class Segment:
    """Slot to slot: gives each frame its matte.

    Args:
        segmenters: In the order of preference; the next one takes over where one fails for good.
        compositor: Asked whether a matte is needed at all.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        outbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        segmenters: Sequence[Segments],
        compositor: Compositor,
    ) -> None:
        self._segmenters = list(segmenters)
        self._compositor = compositor
        self._inbox = inbox
        self._outbox = outbox
        self._pool = pool
        self._stats = stats
        self._failures = 0
        self._opening_s = 0.0
        self._lost_s = -RARELY_S

    def open(self) -> None:
        """Load the model of the first segmenter that does not refuse."""
        while True:
            start = time.monotonic()
            try:
                self._segmenters[0].open()
            except BackendError as error:
                if not self._give_up(error):
                    raise
            else:
                self._failures = 0
                self._opening_s = time.monotonic() - start
                return

    def step(self) -> bool:
        """Segment one frame and pass it on."""
        lease = self._inbox.take(POLL_S)
        if lease is None:
            return not self._inbox.drained
        try:
            if self._compositor.needs_matte:
                self._segment(lease)
        except BaseException:
            self._pool.release(lease)
            raise
        self._outbox.put(lease)
        return True

    def close(self) -> None:
        """Release the model."""
        self._segmenters[0].close()

    def recovers_from(self, error: SegCamError) -> bool:
        """The next backend, or the same one loaded anew, may do better."""
        if not (isinstance(error, BackendLost) and self._may_reload()):
            self._give_up(error)
        return True

    def interrupt(self) -> None:
        """Nothing to wake: every wait is short, or ends when its slot is closed."""

    def _segment(self, lease: Lease) -> None:
        try:
            with self._stats.timed("segment"):
                self._segmenters[0].segment(lease.frame, lease.matte)
        except MatteRejected as error:
            log.debug("frame %d: %s", lease.frame.id, error)
            return
        except BackendError as error:
            self._failures += 1
            if self._failures >= FAILURES or isinstance(error, BackendLost):
                raise
            return
        self._failures = 0
        lease.has_matte = True

    def _may_reload(self) -> bool:
        now = time.monotonic()
        before, self._lost_s = self._lost_s, now
        return self._opening_s < QUICK_S and now - before >= RARELY_S

    def _give_up(self, error: SegCamError) -> bool:
        """Go on to the next segmenter. False: this is the last one."""
        if len(self._segmenters) == 1:
            return False
        log.warning("going on with the next backend: %s", error)
        self._segmenters.pop(0)
        self._stats.fallbacks += 1
        return True
