"""The output worker's duty: refine, composite, send; a placeholder while there is nothing to send.

It also asks the sink whether anybody watches, and tells the others through the `Demand`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np

from segcam.composite.placeholder import draw_placeholder
from segcam.errors import DeviceMissing, InternalError, SegCamError, SinkLost
from segcam.fit import contain
from segcam.frame import BLACK, Frame
from segcam.pipeline.demand import Demand
from segcam.pipeline.exchange import Exchange
from segcam.pipeline.look import CurrentLook, Look
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.slot import POLL_S, Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
from segcam.refine.base import Refiner
from segcam.refine.check import shows_more

log = logging.getLogger(__name__)

STALE_S, STALE_PERIODS = 0.5, 2.5
"""After so long without a composite a placeholder is sent, and again each time as much has passed.
A virtual camera wants at least one frame a second, and viewers take half a second for a freeze."""
IDLE_S = 0.1
"""How often, while nobody watches, the sink is asked whether somebody came. A viewer counts after
0.3 s anyway, see `v4l2.usage`."""
REST_S = 0.25
"""The same where the sink tells by itself; only `Demand` is asked then."""

STARTING, AWAY, OFF = "One moment", "Camera is away", "Camera is off"
"""What placeholders say."""


class Output:
    """Slot to sink: refine, composite, send. Sends the placeholder while there is nothing to send.

    Args:
        current: How composites are made.
        target: Its first.
        live: Whether time goes on whether frames come or not.
        fit: Fit composites of another size in; otherwise the sink takes any.
        capture_down: Tells whether the camera is away.
        demand: Told whether the sink is in use; says whether frames are wanted.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        current: CurrentLook,
        target: Target,
        live: bool,
        fit: bool,
        capture_down: Callable[[], bool],
        demand: Demand,
    ) -> None:
        self._inbox = inbox
        self._pool = pool
        self._current = current
        self._stats = stats
        self._live = live
        self._fit = fit
        self._capture_down = capture_down
        self._demand = demand
        self._idle = False
        self._composite = Frame.filled(target.size, BLACK)
        self._matte = np.zeros(target.size, np.uint8)
        self._inference: object = None
        self._remembers = False
        self._refiner: Refiner | None = None
        self._sent_ns = 0
        self._away_shown = False
        self._was_open = False
        self._rest_s = IDLE_S
        self.exchange: Exchange[Target, None] = Exchange(_hangs)
        self._aim(target)

    def _aim(self, target: Target) -> None:
        """Send to this target, once its sink is open."""
        self._target = target
        self._sink = target.sink
        self._lost = target.sink.lost
        self._size = size = target.size
        self._rate_hz = target.rate_hz
        self._stale_s = max(STALE_S, float(STALE_PERIODS / target.rate_hz))
        self._is_camera = self._live and target.sink.is_camera
        self._fitted = Frame.filled(size, BLACK)
        self._placeholders: dict[str, Frame] = {}

    @property
    def target(self) -> Target:
        """Where composites go. From any thread."""
        return self._target

    def change(self, target: Target) -> None:
        """Close the sink, and send to another target from now on. From any other thread.

        Where that cannot be opened, the one of before is opened again.

        Raises:
            SinkError: The new one cannot be opened, or the old one hangs.
        """
        self.exchange.ask(target)

    def _change(self, target: Target) -> None:
        before, was_open = self._target, self._was_open
        try:
            self.close()
        except SegCamError as error:
            log.warning("%s", error)
        self._aim(target)
        self._was_open = False
        try:
            self._open()
        except BaseException:
            self._aim(before)
            self._was_open = was_open
            raise

    def open(self) -> None:
        """Open the sink; a viewer's first frame is the placeholder.

        Raises:
            SinkLost: It was open before and is not there now: it may come back.
            SinkError: As `Sink.open`.
        """
        if not self.exchange.serve(self._change):
            self._open()

    def _open(self) -> None:
        try:
            self._sink.open(self._size, self._rate_hz)
        except DeviceMissing as error:
            if not self._was_open:
                raise
            raise SinkLost(error.title, error.message, error.hint) from error
        self._rest_s = REST_S if self._sink.notify(self._inbox.wake) else IDLE_S
        self._idle = self._remembers = False
        self._show(STARTING)
        self._ask()
        self._was_open = True

    def step(self) -> bool:
        """Make and send one composite, or the placeholder where none comes or none is wanted."""
        if self.exchange.serve(self._change) is False:
            raise SinkLost("The output is opened again", "Another one could not be opened")
        return self._work() if self._ask() else self._rest()

    def _ask(self) -> bool:
        """Whether frames are wanted. Every frame of a file is."""
        return self._demand.report(not self._live or self._sink.in_use())

    def _work(self) -> bool:
        if self._idle:
            self._idle = False
            self._show(STARTING)
        lease = self._inbox.take(min(POLL_S, float(2 / self._rate_hz)))
        if lease is None:
            if self._is_camera and not self._inbox.drained:
                self._keep_alive()
            return not self._inbox.drained
        try:
            with self._current.used() as look:
                self._make(lease, look)
                self._send(lease.frame)
        finally:
            self._pool.release(lease)
        return True

    def _rest(self) -> bool:
        """Show a placeholder and give up what is still on its way."""
        if not self._idle or (self._demand.in_use and self._silence_s() >= self._stale_s):
            self._idle = True
            self._show(OFF)
        lease = self._inbox.take(self._rest_s)
        if lease is not None:
            self._remembers = False
            self._pool.release(lease)
        return not self._inbox.drained

    def close(self) -> None:
        """Leave a placeholder with the viewers and close the sink.

        Raises:
            SinkError: The output could not be finished.
        """
        try:
            if self._is_camera and self._sent_ns:
                self._send_placeholder(OFF)
        except SegCamError as error:
            log.debug("no placeholder at the end: %s", error)
        self._sent_ns = 0
        self._sink.close()

    def recovers_from(self, error: SegCamError) -> bool:
        """A device may come back, a fault may pass; a file that cannot be written stays so."""
        if not self._was_open:
            return False
        may_pass = self._sink.is_camera or isinstance(error, InternalError)
        return error.transient or (self._live and may_pass)

    def interrupt(self) -> None:
        """Nothing to wake: every wait is short."""

    def _make(self, lease: Lease, look: Look) -> None:
        frame, compositor = lease.frame, look.compositor
        if self._matte.shape != frame.size:
            self._matte = np.zeros(frame.size, np.uint8)
            self._remembers = False
        # A frame that the refiner skipped or got wrong invalidates its history.
        remembered, self._remembers = self._remembers, False
        if compositor.needs_matte and lease.has_matte:
            frame.cut |= not remembered
            self._remembers = self._have_refined(lease, look.refiner)
        if compositor.needs_matte and not self._remembers:
            self._stats.hidden += 1
            compositor.hide(frame, self._composite)
            return
        with self._stats.timed("composite"):
            compositor.composite(frame, self._matte, self._composite)

    def _have_refined(self, lease: Lease, refiner: Refiner) -> bool:
        """Make the full-size matte; False where it cannot be believed.

        Where nothing has moved, the frame before had the same one.
        """
        lease.frame.cut |= refiner is not self._refiner
        if not lease.frame.cut and lease.inference is self._inference:
            return True
        self._refiner, self._inference = refiner, lease.inference
        return self._refine(lease, refiner)

    def _refine(self, lease: Lease, refiner: Refiner) -> bool:
        with self._stats.timed("refine"):
            self._matte.fill(0)  # what a refiner leaves unwritten is not the last frame's
            refiner.refine(lease.matte, lease.frame, self._matte)
            return not shows_more(lease.matte, lease.frame.box.of(self._matte))

    def _send(self, frame: Frame) -> None:
        picture = self._composite
        if self._fit and picture.size != self._size:
            contain(picture, self._fitted)
            picture = self._fitted
        with self._stats.timed("send"):
            self._sink.send(picture)
        self._sent_ns = time.monotonic_ns()
        self._away_shown = False
        self._count_sent()
        if self._live:
            self._stats.add("latency", self._sent_ns - frame.captured_ns)

    def _keep_alive(self) -> None:
        away = self._capture_down()
        if self._silence_s() >= self._stale_s or (away and not self._away_shown):
            self._send_placeholder(AWAY if away else STARTING)
            self._away_shown = away

    def _show(self, text: str) -> None:
        if self._is_camera:
            self._send_placeholder(text)

    def _silence_s(self) -> float:
        return (time.monotonic_ns() - self._sent_ns) / 1e9

    def _send_placeholder(self, text: str) -> None:
        picture = self._placeholders.get(text)
        if picture is None:  # each takes 6 ms to draw; at the start only one is needed
            picture = self._placeholders[text] = draw_placeholder(self._size, text)
        self._sent_ns = picture.captured_ns = time.monotonic_ns()
        self._sink.send(picture)
        self._count_sent()
        self._stats.repeated += 1

    def _count_sent(self) -> None:
        """Count the frame, less those of which the sink has learnt that it lost them."""
        lost = self._sink.lost
        self._stats.sent += 1 - (lost - self._lost)
        self._lost = lost


def _hangs() -> SinkLost:
    return SinkLost("The output hangs", "It was asked to close and did not", "Start SegCam again")
