"""The three threads that carry frames, the slots between them and the pool of memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from segcam.pipeline import starting
from segcam.pipeline.capture import Capture
from segcam.pipeline.crew import Crew
from segcam.pipeline.demand import Demand
from segcam.pipeline.finish import Finish
from segcam.pipeline.look import CurrentLook
from segcam.pipeline.output import Output
from segcam.pipeline.pool import Lease, Pool, depth_for, lease_slot
from segcam.pipeline.relay import Relay
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
from segcam.pipeline.watchdog import Watchdog
from segcam.sink.base import Sink
from segcam.source.base import SourceInfo
from segcam.worker import JOIN_S, Worker


class Line:
    """Capture, segment and output worker, started and stopped in the order that suits viewers.

    Args:
        capture: The capture worker's stage.
        stats: Counts frames.
        current: The current look.
        demand: Says when frames are wanted.
        lasting: As in `Pipeline`.

    Attributes:
        crew: The workers.
        watchdog: Notices workers that hang.
        output: The output worker's stage; None before there is one.
        relay: Runs the segment worker; None until there is one.
        pool: Lends the memory; None until its size is known.
        ended: Set when no more frames will come.
        finish: Waits for the workers' end.
    """

    def __init__(
        self,
        capture: Capture,
        *,
        stats: Stats,
        current: CurrentLook,
        demand: Demand,
        lasting: bool,
    ) -> None:
        self._capture, self._stats = capture, stats
        self._current, self._demand = current, demand
        self._lasting = lasting
        self._slots: list[Slot[Lease]] = []
        self.crew = Crew()
        self.watchdog = Watchdog(self.crew.workers)
        self.output: Output | None = None
        self.relay: Relay | None = None
        self.pool: Pool | None = None
        self.ended = threading.Event()
        self.finish = Finish()

    def start(
        self, sink: Sink, load: Callable[[], starting.Loaded], *, fit: bool, shows_first: bool
    ) -> SourceInfo:
        """Open everything and start the frames.

        Args:
            sink: Where composites go.
            load: Finds segmenters and refiner, on the segment worker's thread.
            fit: As in `Pipeline`.
            shows_first: Whether viewers see the placeholder before the source is opened.

        Raises:
            SegCamError: A stage could not be opened; call `halt` to close the others.
        """
        capture = self._capture
        capturer = self.crew.hire("capture", capture, partial(starting.close_first, self._slots))
        capture.exchange.on_ask = _each(capturer.hurry, self._demand.wake)
        if not shows_first:
            starting.open_worker(capturer)
        info = capture.opened
        pool = self.pool = Pool(info.size, depth=depth_for(info))
        self._slots += [lease_slot(pool, self._stats, info.live) for _ in range(2)]
        self._open_output(pool, info, capturer, sink, fit)
        relay = self._start_relay(pool, info, load)
        if shows_first:
            starting.open_worker(capturer)
        relay.wait_tried()
        capture.connect(pool, self._slots[0])
        if info.live:  # a file's frame may take any time
            rate_hz = capture.opened.rate_hz
            self.watchdog.start(rate_hz, lambda w: w is capturer and capture.starting)
        return capture.opened

    def _open_output(
        self, pool: Pool, info: SourceInfo, capturer: Worker, sink: Sink, fit: bool
    ) -> None:
        """Open the sink. Viewers see the placeholder from then on."""
        leases = self._slots[1], pool, self._stats
        output = self.output = Output(
            *leases,
            current=self._current,
            target=Target(sink, info.size, info.rate_hz),
            live=info.live,
            fit=fit,
            capture_down=lambda: capturer.trouble is not None,
            demand=self._demand,
        )
        sender = self.crew.hire("output", output, self.ended.set, info.live)
        output.exchange.on_ask = _each(sender.hurry, self._slots[1].wake)
        starting.open_worker(sender)

    def _start_relay(
        self, pool: Pool, info: SourceInfo, load: Callable[[], starting.Loaded]
    ) -> Relay:
        leases = self._slots[0], self._slots[1], pool, self._stats
        relay = self.relay = Relay(
            *leases,
            current=self._current,
            workers=self.crew.workers,
            live=info.live,
            lasting=self._lasting,
        )
        relay.start(partial(starting.find_segmenters, load, self._current))
        return relay

    def halt(self, sink: Sink) -> None:
        """Stop all workers and close their parts; finishing a file of ``sink`` may take minutes."""
        if self.relay is not None:
            self.relay.stop()
        self.crew.stop()
        for slot in self._slots:
            slot.close()
        self.finish.wait(self.crew, sink)
        if self.relay is not None:
            self.relay.join(JOIN_S)
        self._current.look.refiner.close()
        self._current.look.compositor.close()
        for slot in self._slots:
            slot.clear()
        self.watchdog.stop()


def _each(*calls: Callable[[], object]) -> Callable[[], None]:
    """A function that makes all of these calls."""

    def make_all() -> None:
        for call in calls:
            call()

    return make_all
