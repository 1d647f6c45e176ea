"""The output worker's stage: makes pictures and sends them, or a placeholder while there are none.

It also asks the sink whether it is in use, and reports that to the `Demand`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from segcam.errors import DeviceMissing, InternalError, SegCamError, SinkLost
from segcam.pipeline.composer import Composer
from segcam.pipeline.demand import Demand
from segcam.pipeline.exchange import Exchange
from segcam.pipeline.look import CurrentLook
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.sender import OFF, STARTING, Sender
from segcam.pipeline.slot import POLL_S, Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target

log = logging.getLogger(__name__)

IDLE_S = 0.1
"""How often an unused sink is asked for viewers. A viewer counts only after 0.3 s anyway, see
`v4l2.usage`."""
REST_S = 0.5
"""The same if the sink reports viewers itself; then only `Demand` is asked."""
PAUSED_S = 0.25
"""The same while viewers see the placeholder of a camera that is off."""


class Output:
    """From slot to sink: refine, composite, send. Sends a placeholder if there is nothing else.

    Args:
        current: The current look.
        target: The first one.
        live: Whether viewers expect frames in real time.
        fit: Fit composites of other sizes in; if False, the sink accepts any size.
        capture_down: Tells whether the camera is away.
        demand: Learns whether the sink is in use, and says whether frames are wanted.
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
        self._live = live
        self._capture_down = capture_down
        self._demand = demand
        self._composer = Composer(target.size, stats)
        self._make_sender = partial(Sender, live=live, fit=fit, stats=stats)
        self._sender = self._make_sender(target)
        self._idle = self._was_open = False
        self._rest_s = IDLE_S
        self.exchange: Exchange[Target, None] = Exchange(_hangs)

    @property
    def target(self) -> Target:
        """Where composites go. From any thread."""
        return self._sender.target

    def change(self, target: Target) -> None:
        """Close the sink, and send to another target from now on. From any other thread.

        If that fails, the previous one is opened again.

        Raises:
            SinkError: The new one cannot be opened, or the old one hangs.
        """
        self.exchange.ask(target)

    def _change(self, target: Target) -> None:
        before, was_open = self._sender, self._was_open
        try:
            self.close()
        except SegCamError as error:
            log.warning("%s", error)
        self._sender = self._make_sender(target)
        self._was_open = False
        try:
            self._open()
        except BaseException:
            self._sender, self._was_open = before, was_open
            raise

    def open(self) -> None:
        """Open the sink; a viewer's first frame is the placeholder.

        Raises:
            SinkLost: It was open before and is gone now; it may come back.
            SinkError: As `Sink.open`.
        """
        if not self.exchange.serve(self._change):
            self._open()

    def _open(self) -> None:
        target = self.target
        try:
            target.sink.open(target.size, target.rate_hz)
        except DeviceMissing as error:
            if not self._was_open:
                raise
            raise SinkLost(error.title, error.message, error.hint) from error
        self._rest_s = REST_S if target.sink.notify(self._inbox.wake) else IDLE_S
        self._idle = False
        self._composer.forget()
        self._sender.show(STARTING)
        self._ask()
        self._was_open = True

    def step(self) -> bool:
        """Make and send one composite, or a placeholder if none comes or none is wanted."""
        if self.exchange.serve(self._change) is False:
            raise SinkLost("The old output is opened again", "A new output could not be opened")
        return self._work() if self._ask() else self._rest()

    def _ask(self) -> bool:
        """Whether frames are wanted. For files, always."""
        return self._demand.report(not self._live or self.target.sink.in_use())

    def _work(self) -> bool:
        if self._idle:
            self._idle = False
            self._sender.show(STARTING)
        lease = self._inbox.take(min(POLL_S, float(2 / self.target.rate_hz)))
        if lease is None:
            if not self._inbox.drained:
                self._sender.keep_alive(self._capture_down())
            return not self._inbox.drained
        if self._demand.is_paused():  # since it waited for this frame
            self._drop(lease)
            return True
        try:
            with self._current.used() as look:
                composite = self._composer.make(lease, look)
                self._sender.send(composite, lease.frame.captured_ns)
        finally:
            self._pool.release(lease)
        return True

    def _rest(self) -> bool:
        """Show a placeholder and drop the frames that are still in progress."""
        if not self._idle or (self._demand.in_use and self._sender.is_stale):
            self._idle = True
            self._sender.show(OFF)
        rest_s = min(self._rest_s, PAUSED_S) if self._demand.in_use else self._rest_s
        lease = self._inbox.take(rest_s)
        if lease is not None:
            self._drop(lease)
        return not self._inbox.drained

    def _drop(self, lease: Lease) -> None:
        self._composer.forget()
        self._pool.release(lease)

    def close(self) -> None:
        """Leave a placeholder with the viewers and close the sink.

        Raises:
            SinkError: The output could not be finished.
        """
        self._sender.close()

    def recovers_from(self, error: SegCamError) -> bool:
        """A device may come back, a fault may be temporary; an unwritable file stays unwritable."""
        if not self._was_open:
            return False
        may_pass = self.target.sink.is_camera or isinstance(error, InternalError)
        return error.transient or (self._live and may_pass)

    def interrupt(self) -> None:
        """Wake a waiting step."""
        self._inbox.wake()


def _hangs() -> SinkLost:
    return SinkLost(
        "The output hangs", "It did not close when asked", "Restart SegCam: segcam restart"
    )
