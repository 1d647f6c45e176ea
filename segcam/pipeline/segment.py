"""A segment worker's stage: gives each frame its matte."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from segcam.errors import BackendError, BackendLost, MatteRejected, SegCamError
from segcam.frame import BLACK, Frame, Size
from segcam.pipeline.look import CurrentLook
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.slot import IDLE_POLL_S, POLL_S, Slot
from segcam.pipeline.stats import Stats
from segcam.segment.base import AnswerImpossible, Segmenter

log = logging.getLogger(__name__)

FindSegmenters = Callable[[], Sequence[Segmenter]]
"""Finds segmenters; may be slow."""

FAILURES, IMPOSSIBLE = 3, 10
"""After this many failed inferences or impossible answers in a row the next backend takes over. If
there is none, frames stay hidden until the answers are valid again."""
LOOK_S, LOOK_POLL_S = 0.012, 0.002
"""A look around waits until the frame has been sent, at most this long: it takes as much processor
time as the rest of the frame's way."""
QUICK_S, RARELY_S = 2.0, 60.0
"""A backend whose process was lost is loaded again if loading is quick and losses are rare."""

_TRIAL_SIZE: Size = (180, 320)


class SegmentStage:
    """From slot to slot: gives each frame its matte, once this stage has its turn.

    Args:
        current: Tells whether a matte is needed at all.
        find: Called on the worker's thread for the segmenters in the order of preference; if one
            fails permanently, the next one takes over.
        lasting: Keep looking for segmenters that cannot be found or loaded at first.
        at_once: Begin with the first one that compiles nothing; see `coming`.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        outbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        current: CurrentLook,
        find: FindSegmenters,
        lasting: bool = False,
        at_once: bool = False,
    ) -> None:
        self._find, self._lasting, self._at_once = find, lasting, at_once
        self._segmenters: list[Segmenter] = []
        self._coming: list[Segmenter] = []
        self._was_open = False
        self._given_up: list[tuple[Segmenter, str]] = []
        self._current = current
        self._turn = threading.Event()
        self._cut = True
        self._left_behind = False
        self._inbox = inbox
        self._outbox = outbox
        self._pool = pool
        self._stats = stats
        self._failures = self._impossible = 0
        self._inference = object()
        self._opening_s = 0.0
        self._lost_s = -RARELY_S

    @property
    def segmenter(self) -> Segmenter | None:
        """The one that runs or is being loaded; None while SegCam looks for it."""
        return self._segmenters[0] if self._segmenters else None

    @property
    def given_up(self) -> Sequence[tuple[Segmenter, str]]:
        """Preferred segmenters that have failed, each with the reason."""
        return tuple(self._given_up)

    @property
    def coming(self) -> Sequence[Segmenter]:
        """Preferred segmenters that another stage shall load, since that may take minutes."""
        return tuple(self._coming)

    def give_up_coming(self, error: SegCamError) -> None:
        """The first of `coming` cannot be loaded."""
        self._given_up.append((self._coming.pop(0), _reason(error)))

    @property
    def left(self) -> Sequence[Segmenter]:
        """The running one and its fallbacks."""
        return tuple(self._segmenters)

    def fall_back_on(
        self, segmenters: Sequence[Segmenter], given_up: Sequence[tuple[Segmenter, str]] = ()
    ) -> None:
        """Add fallbacks, and some that have failed. None may be loaded. Call before `begin`."""
        self._segmenters += segmenters
        self._given_up += given_up

    @property
    def has_turn(self) -> bool:
        """Whether this stage handles the frames."""
        return self._turn.is_set()

    def begin(self) -> None:
        """Handle the frames from now on. Call once; from any thread."""
        self._turn.set()

    def end(self) -> None:
        """Give up the turn after the current step. From any thread."""
        self._turn.clear()

    def leave_behind(self) -> None:
        """Abandon a step that hangs: if it ever returns, its frame is too late for viewers."""
        self._left_behind = True

    def open(self) -> None:
        """Load the first segmenter that works.

        Raises:
            SegCamError: None is found, or none can be loaded.
        """
        self._cut = True
        self._segmenters = self._segmenters or self._found()
        while True:
            start = time.monotonic()
            try:
                self._load(self._segmenters[0])
            except BackendError as error:
                if not self._give_up(error):
                    raise
            else:
                self._was_open = True
                self._failures = self._impossible = 0
                self._opening_s = time.monotonic() - start
                return

    def step(self) -> bool:
        """Segment one frame and pass it on."""
        if not self._turn.wait(POLL_S):
            return True
        lease = self._next()
        if lease is None:
            return not self._inbox.drained
        lease.frame.cut |= self._cut
        self._cut = False
        try:
            if self._current.look.compositor.needs_matte:
                self._segment(lease)
        except BaseException:
            self._pool.release(lease)
            raise
        if self._left_behind:
            self._pool.release(lease)
        else:
            self._outbox.put(lease)
        return True

    def close(self) -> None:
        """Release the model."""
        if self._segmenters:
            self._segmenters[0].close()

    def recovers_from(self, error: SegCamError) -> bool:
        """The next backend, or the same one after a reload, may work."""
        if not self._was_open:
            # The next `open` looks for them again.
            self._segmenters, self._coming, self._given_up = [], [], []
            return self._lasting
        if not (isinstance(error, BackendLost) and self._may_reload()):
            self._give_up(error)
        return True

    def interrupt(self) -> None:
        """Wake a waiting step."""
        self._inbox.wake()

    def _found(self) -> list[Segmenter]:
        found = list(self._find())
        quick = next((i for i, each in enumerate(found) if not each.compiles), 0)
        if self._at_once:
            self._coming, found = found[:quick], found[quick:]
        return found

    def _load(self, segmenter: Segmenter) -> None:
        segmenter.open()
        if self.has_turn:
            return
        try:
            _try_out(segmenter)
        except BaseException:
            segmenter.close()
            raise

    def _segment(self, lease: Lease) -> None:
        segmenter = self._segmenters[0]
        lease.fit(segmenter.matte_size)
        try:
            with self._stats.timed("segment"):
                inferred = segmenter.segment(lease.frame, lease.matte)
        except (MatteRejected, BackendError) as error:
            log.debug("frame %d: %s", lease.frame.id, error)
            if self._is_too_much(error):
                raise
            return
        self._failures = self._impossible = 0
        if inferred:
            self._inference = object()
        else:
            self._stats.reused += 1
        lease.has_matte, lease.inference = True, self._inference

    def _next(self) -> Lease | None:
        """The next frame, after what was put off for the last one."""
        if self._segmenters[0].owes_look and self._current.look.compositor.needs_matte:
            lease = self._first_within(LOOK_S)
            if lease is not None:
                return lease  # the segmenter looks around before this frame
            self._look_around()
        return self._inbox.take(IDLE_POLL_S)

    def _first_within(self, longest_s: float) -> Lease | None:
        """A frame that comes while the last one is not sent yet."""
        late_s = time.monotonic() + longest_s
        while not self._pool.at_rest and time.monotonic() < late_s:
            lease = self._inbox.take(LOOK_POLL_S)
            if lease is not None or self._inbox.drained:
                return lease
        return None

    def _look_around(self) -> None:
        """Let the segmenter do the work that was put off for the frame."""
        try:
            self._segmenters[0].look_around()
        except (MatteRejected, BackendError) as error:
            log.debug("looking at the whole picture: %s", error)
            if self._is_too_much(error):
                raise

    def _is_too_much(self, error: SegCamError) -> bool:
        """Count a failure. True: too many, so give the backend up."""
        if isinstance(error, MatteRejected):
            self._impossible += isinstance(error, AnswerImpossible)
            return self._impossible >= IMPOSSIBLE and len(self._segmenters) > 1
        self._failures += 1
        return self._failures >= FAILURES or isinstance(error, BackendLost)

    def _may_reload(self) -> bool:
        now = time.monotonic()
        before, self._lost_s = self._lost_s, now
        return self._opening_s < QUICK_S and now - before >= RARELY_S

    def _give_up(self, error: SegCamError) -> bool:
        """Go on to the next segmenter. False: this is the last one."""
        if len(self._segmenters) == 1:
            if not self._coming:
                return False
            self._segmenters.append(self._coming.pop(0))
        log.warning("using the next backend: %s", error)
        self._given_up.append((self._segmenters.pop(0), _reason(error)))
        self._stats.fallbacks += 1
        return True


def _reason(error: SegCamError) -> str:
    """As text: an error object keeps the local variables of its frames alive."""
    return ": ".join(part for part in (error.title, error.message) if part)


def _try_out(segmenter: Segmenter) -> None:
    """Segment a black picture: a segmenter that fails on it must not take over."""
    picture = Frame.filled(_TRIAL_SIZE, BLACK)
    picture.stamp(-1, 0, cut=True)
    with suppress(MatteRejected):
        segmenter.segment(picture, np.empty(segmenter.matte_size, np.float32))
