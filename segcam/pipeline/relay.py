"""Runs the segment worker, and replaces it by one that is loaded in parallel.

A backend is loaded, run and closed on one thread, as runtimes of GPUs and NPUs require. So the
frames change workers, not the model: they go through the old worker until the new one has run its
model, then through the new one.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Sequence
from functools import partial

from segcam.errors import SegCamError, foreign
from segcam.pipeline.comeback import Comeback
from segcam.pipeline.look import CurrentLook
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.segment import FindSegmenters, SegmentStage
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.segment.base import Segmenter
from segcam.worker import JOIN_S, Worker

log = logging.getLogger(__name__)


class Relay:
    """Carries frames through one segment stage after the other.

    Args:
        outbox: Closed when there will be no more frames.
        current: As in `SegmentStage`.
        workers: All running workers, including the segment worker.
        live: As in `Worker`.
        lasting: As in `SegmentStage`.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        outbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        current: CurrentLook,
        workers: list[Worker],
        live: bool = True,
        lasting: bool = False,
    ) -> None:
        self._make = partial(
            SegmentStage, inbox, outbox, pool, stats, current=current, lasting=lasting
        )
        self._outbox = outbox
        self._workers = workers
        self._live = live
        self._changing = threading.RLock()
        self._state = threading.Lock()
        self._stopped = False
        # A proxy, because the two would form a cycle that keeps the pool alive.
        self._comeback = Comeback(weakref.proxy(self))
        self._stage: SegmentStage | None = None
        self._worker: Worker | None = None
        self._coming: Worker | None = None

    @property
    def segmenter(self) -> Segmenter | None:
        """The running one; None while SegCam looks for it."""
        return self._stage.segmenter if self._stage is not None else None

    def start(self, find: FindSegmenters) -> None:
        """Begin to load the first segmenter that is found. Does not wait."""
        self._stage = self._make(find=find, at_once=self._live)
        self._worker = self._worker_of(self._stage)
        self._workers.append(self._worker)
        self._stage.begin()
        self._worker.start()

    def wait_tried(self) -> None:
        """Wait until it is loaded, or will be tried again later.

        Raises:
            SegCamError: None can be found or loaded.
        """
        assert self._worker is not None
        self._worker.wait_tried()
        if self._live:  # files have no comeback: they wait only for the next backend
            self._comeback.start()

    @property
    def given_up(self) -> Sequence[tuple[Segmenter, str]]:
        """Preferred segmenters that have failed, each with the reason."""
        return self._stage.given_up if self._stage is not None else ()

    @property
    def coming(self) -> Sequence[Segmenter]:
        """Preferred segmenters that have yet to be loaded, which may take minutes."""
        return self._stage.coming if self._stage is not None else ()

    def take_next(self) -> str:
        """Load the first of `coming` and switch to it. From any thread.

        Returns:
            The running backend's name.

        Raises:
            SegCamError: It cannot be loaded, and is now one of `given_up`; or the pipeline is
                ending.
        """
        with self._changing:  # keep a model that the user has chosen meanwhile
            stage = self._stage
            assert stage is not None
            if not stage.coming:
                return stage.left[0].backend.name
            best, *others = stage.coming
            try:
                self.change([best], [*others, *stage.left], stage.given_up)
            except Exception as error:
                stage.give_up_coming(error if isinstance(error, SegCamError) else foreign(error))
                raise
            return best.backend.name

    def take_back(self) -> str:
        """Switch back to the best of the segmenters that had failed. From any thread.

        Returns:
            Its backend's name.

        Raises:
            SegCamError: It does not run; nothing has changed.
        """
        with self._changing:  # keep a model that the user has chosen meanwhile
            assert self._stage is not None
            if not self._stage.given_up:
                return self._stage.left[0].backend.name
            best, *others = (segmenter for segmenter, _ in self._stage.given_up)
            self.change([best], [*others, *self._stage.left])
            return best.backend.name

    def change(
        self,
        segmenters: Sequence[Segmenter],
        fallbacks: Sequence[Segmenter] = (),
        given_up: Sequence[tuple[Segmenter, str]] = (),
    ) -> None:
        """Load others and switch to them. From any thread; takes as long as loading takes.

        Args:
            segmenters: In the order of preference; the first that can be loaded takes over.
            fallbacks: Used after those; may be the running ones.
            given_up: Preferred ones that failed and are retried, each with the reason.

        Raises:
            SegCamError: None of them can be loaded and run, so nothing has changed; or the pipeline
                is ending.
        """
        with self._changing:
            stage = self._make(find=lambda: segmenters, lasting=False)
            coming = self._worker_of(stage)
            self._launch(coming)
            try:
                coming.wait_tried()
                self._relieve(stage, coming, fallbacks, given_up)
            except BaseException:
                coming.stop()
                coming.join(JOIN_S)
                raise
            finally:
                self._coming = None

    def stop(self) -> None:
        """Prevent further take-overs; does not wait."""
        self._comeback.stop()
        with self._state:
            self._stopped = True
            if self._coming is not None:
                self._coming.stop()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of a worker that was being loaded."""
        self._comeback.join(timeout_s)
        with self._state:
            coming = self._coming
        if coming is not None:
            coming.join(timeout_s)

    def _launch(self, coming: Worker) -> None:
        with self._state:
            self._refuse_if_stopped()
            self._coming = coming
            coming.start()

    def _relieve(
        self,
        stage: SegmentStage,
        coming: Worker,
        fallbacks: Sequence[Segmenter],
        given_up: Sequence[tuple[Segmenter, str]],
    ) -> None:
        """Wait for the old stage's last step, then let the new one begin."""
        assert self._stage is not None
        assert self._worker is not None
        self._stage.end()
        self._worker.stop()
        if not self._worker.join(JOIN_S):
            log.warning("the old model hangs and is abandoned")
            self._stage.leave_behind()
        else:
            stage.fall_back_on(fallbacks, given_up)
        with self._state:
            self._refuse_if_stopped()
            if self._worker.error is not None:  # it has failed permanently: the run is over
                self._outbox.close()
                raise self._worker.error
            self._workers[self._workers.index(self._worker)] = coming
            self._stage, self._worker = stage, coming
            stage.begin()

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise about_to_end()

    def _worker_of(self, stage: SegmentStage) -> Worker:
        on_end = partial(_close_after, stage, self._outbox)
        return Worker("segment", stage, on_end, self._live)


def about_to_end() -> SegCamError:
    """The error for a change that comes too late."""
    return SegCamError("SegCam is stopping", "", "Start it again: segcam run")


# A function, because a bound method would form a cycle that keeps the pool alive until garbage
# collection.


def _close_after(stage: SegmentStage, outbox: Slot[Lease]) -> None:
    """When the stage that has the turn ends, no more frames will come."""
    if stage.has_turn:
        outbox.close()
