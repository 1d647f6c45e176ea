"""A frame's way: source -> segment -> refine -> composite -> sink.

Three threads carry the frames, a slot lies between each two, and a pool lends the memory::

    capture --(Slot)--> segment --(Slot)--> output (refine, composite, send)

How frames become pictures can be exchanged while they flow, and the model too (``relay.py``).
Live, the newest frame wins; otherwise none is lost. A frame and its matte travel together. While
nobody watches the sink, the source is closed and all three sleep.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import cv2

from segcam.composite.compositor import Compositor
from segcam.errors import SegCamError
from segcam.pipeline.capture import Capture
from segcam.pipeline.demand import Demand
from segcam.pipeline.look import CurrentLook, Look, load, still_sent
from segcam.pipeline.output import Output
from segcam.pipeline.pool import Lease, Pool, depth_for
from segcam.pipeline.relay import Relay
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.watchdog import Watchdog
from segcam.pipeline.worker import JOIN_S, Stage, Worker
from segcam.refine.base import Refiner
from segcam.segment.base import Segmenter
from segcam.sink.base import Sink
from segcam.source.base import Source, SourceInfo

SEND_S = 2.0
"""A frame that was not made and sent by then hangs in an output."""


def ignore(_: object) -> None:
    """Do nothing with it."""


class Pipeline:
    """Runs one source into one sink. ``with pipeline as info:`` starts and stops it.

    Args:
        source: Where frames come from.
        segmenters: In the order of preference.
        refiner: Makes the full-size matte.
        compositor: Makes the picture that is sent.
        sink: Where composites go.
        mirror: Swap left and right.
        fit: Fit frames of another size than the first into the sink's; else it takes any size.
        demand: Says when frames are wanted: while somebody watches, unless told otherwise.
        expected: What the source is likely to deliver: with it, one that is held by another program
            at the start is waited for.
    """

    def __init__(
        self,
        source: Source,
        *,
        segmenters: Sequence[Segmenter],
        refiner: Refiner,
        compositor: Compositor,
        sink: Sink,
        mirror: bool = False,
        fit: bool = True,
        demand: Demand | None = None,
        expected: SourceInfo | None = None,
    ) -> None:
        cv2.setNumThreads(1)  # the workers are the parallelism; OpenCV's own would only spin
        self.stats = Stats()
        self.demand = demand or Demand()
        self._current = CurrentLook(Look(compositor, refiner, mirror))
        self._source = source
        self._segmenters = segmenters
        self._sink = sink
        self._fit = fit
        self._expected = expected
        self._workers: list[Worker] = []
        self._slots: list[Slot[Lease]] = []
        self._watchdog = Watchdog(self._workers)
        self._ended = threading.Event()
        self._capture: Capture | None = None
        self._relay: Relay | None = None
        self.pool: Pool | None = None

    def start(self) -> SourceInfo:
        """Open everything and let the frames go.

        Raises:
            SegCamError: A stage could not be opened; all others are closed again.
        """
        try:
            return self._start()
        except BaseException:
            self._halt()
            raise

    def __enter__(self) -> SourceInfo:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.stop()
        else:
            self._halt()

    def wait(
        self,
        duration_s: float | None = None,
        on_tick: Callable[[Stats], object] = ignore,
        tick_s: float = 1.0,
    ) -> None:
        """Wait until the source ends, the time is up or a worker fails.

        Args:
            duration_s: Wait no longer, None for as long as it takes.
            on_tick: Called every ``tick_s`` seconds on this thread.
            tick_s: Interval.
        """
        deadline = time.monotonic() + duration_s if duration_s is not None else float("inf")
        while not self._ended.wait(max(0.0, min(tick_s, deadline - time.monotonic()))):
            on_tick(self.stats)
            if time.monotonic() >= deadline:
                break

    def run(self, duration_s: float | None = None) -> None:
        """`wait`, then `stop`.

        Raises:
            SegCamError: What ended a worker.
        """
        try:
            self.wait(duration_s)
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop all workers and release everything.

        Raises:
            SegCamError: What ended a worker before its time.
        """
        self._halt()
        errors = [worker.error for worker in self._workers if worker.error is not None]
        if errors:
            raise errors[0]

    def change(
        self,
        *,
        compositor: Compositor | None = None,
        refiner: Refiner | None = None,
        mirror: bool | None = None,
    ) -> None:
        """Exchange what is given for every frame that is sent from now on. From any thread.

        A refiner loads what it needs first, which may take its time; no frame waits for that.
        Once this has returned, nothing is sent any more that was composited as before.

        Raises:
            SinkError: It holds for all frames to come, but an output hangs and may yet send one
                from before.
        """
        earlier = self._current.look
        if refiner is not None and refiner is not earlier.refiner:
            load(refiner)
        given = {"compositor": compositor, "refiner": refiner, "mirror": mirror}
        parts = {name: part for name, part in given.items() if part is not None}
        settled = self._current.change(SEND_S, **parts)
        if compositor is not None and compositor is not earlier.compositor:
            earlier.compositor.close()
        settled &= self._sink.settle(SEND_S)
        if not settled:
            raise still_sent()
        if refiner is not None and refiner is not earlier.refiner:
            earlier.refiner.close()

    def change_segmenters(self, segmenters: Sequence[Segmenter]) -> None:
        """Load other segmenters beside those at work, and let them take over. From any thread.

        Raises:
            SegCamError: They cannot be loaded and run, and all is as before; or the pipeline ends.
        """
        assert self._relay is not None
        self._relay.change(segmenters)
        self._segmenters = segmenters

    @property
    def segmenter(self) -> Segmenter:
        """The one at work."""
        assert self._relay is not None
        return self._relay.segmenter

    @property
    def edges(self) -> str:
        """How the outline is drawn at present; see `Refiner.edges`."""
        return self._current.look.refiner.edges

    @property
    def trouble(self) -> SegCamError | None:
        """What is wrong at present, None while all is well: first why no picture comes."""
        of_workers = (worker.trouble for worker in self._workers)
        return next(filter(None, (*of_workers, self._current.look.compositor.trouble)), None)

    @property
    def source_is_open(self) -> bool:
        """Whether the camera is on."""
        return self._capture is not None and self._capture.is_open

    def _start(self) -> SourceInfo:
        capture = self._capture = Capture(
            self._source, self.stats, self._current, self.demand, self._expected
        )
        slots = self._slots
        capturer = self._launch("capture", capture, partial(_close_first, slots))
        info = capture.opened
        self.pool = Pool(info.size, self._segmenters[0].matte_size, depth_for(info))
        give_up = partial(_give_up, self.pool, self.stats)
        slots += [Slot[Lease](info.live, give_up, _hand_on_cut) for _ in range(2)]
        captured, segmented = slots
        output = Output(
            segmented,
            self.pool,
            self.stats,
            current=self._current,
            sink=self._sink,
            info=info,
            fit=self._fit,
            capture_down=lambda: capturer.trouble is not None,
            demand=self.demand,
        )
        self._launch("output", output, self._ended.set, info.live)
        self._relay = Relay(
            captured,
            segmented,
            self.pool,
            self.stats,
            current=self._current,
            workers=self._workers,
            live=info.live,
        )
        self._relay.start(self._segmenters)
        load(self._current.look.refiner)
        capture.connect(self.pool, captured)
        if info.live:  # a file's picture may take as long as it takes
            self._watchdog.start(
                info.rate_hz, lambda worker: worker is capturer and capture.starting
            )
        return info

    def _launch(
        self, name: str, stage: Stage, on_end: Callable[[], object], live: bool = True
    ) -> Worker:
        worker = Worker(name, stage, on_end, live)
        self._workers.append(worker)
        worker.start()
        worker.wait_opened()
        return worker

    def _halt(self) -> None:
        if self._relay is not None:
            self._relay.stop()
        for worker in self._workers:
            worker.stop()
        for slot in self._slots:
            slot.close()
        for worker in self._workers:
            worker.join(JOIN_S)
        if self._relay is not None:
            self._relay.join(JOIN_S)
        self._current.look.refiner.close()
        self._current.look.compositor.close()
        for slot in self._slots:
            slot.clear()
        self._watchdog.stop()


# Functions, because bound methods would form a cycle that keeps the pool alive until garbage
# collection.


def _close_first(slots: list[Slot[Lease]]) -> None:
    for slot in slots[:1]:
        slot.close()


def _hand_on_cut(overtaken: Lease, newer: Lease) -> None:
    newer.frame.cut |= overtaken.frame.cut


def _give_up(pool: Pool, stats: Stats, lease: Lease) -> None:
    stats.drop()
    pool.release(lease)
