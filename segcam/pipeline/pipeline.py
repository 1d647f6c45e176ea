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
from segcam.frame import Frame
from segcam.pipeline import starting
from segcam.pipeline.capture import Capture
from segcam.pipeline.crew import Crew
from segcam.pipeline.demand import Demand
from segcam.pipeline.finish import Finish
from segcam.pipeline.look import CurrentLook, Look
from segcam.pipeline.output import Output
from segcam.pipeline.pool import Lease, Pool, depth_for, lease_slot
from segcam.pipeline.relay import Relay
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
from segcam.pipeline.watchdog import Watchdog
from segcam.refine.base import Refiner
from segcam.segment.base import Segmenter
from segcam.sink.base import Sink
from segcam.source.base import Source, SourceInfo
from segcam.worker import JOIN_S, Worker

SEND_S = 2.0
"""A frame that was not made and sent by then hangs in an output."""


def ignore(_: object) -> None:
    """Do nothing with it."""


class Pipeline:
    """Runs one source into one sink. ``with pipeline as info:`` starts and stops it.

    Args:
        source: Where frames come from.
        segmenters: In the order of preference. None: see ``load``.
        refiner: Makes the full-size matte. With ``load``, until that is done.
        compositor: Makes the picture that is sent.
        sink: Where composites go.
        mirror: Swap left and right.
        on_capture: Shown each frame with nothing hidden, on the capture worker; keeps none.
        fit: Fit frames of another size than the first into the sink's; else it takes any size.
        demand: Says when frames are wanted: while somebody watches, unless told otherwise.
        expected: What the source is likely to deliver: with it, viewers see the placeholder before
            it is opened, and one that another program holds is waited for.
        load: Finds segmenters and refiner, on the segment worker's thread.
        lasting: A source or model that cannot be had at the start is tried again until it can.
    """

    def __init__(
        self,
        source: Source,
        *,
        segmenters: Sequence[Segmenter] | None = None,
        refiner: Refiner,
        compositor: Compositor,
        sink: Sink,
        mirror: bool = False,
        fit: bool = True,
        on_capture: Callable[[Frame], object] = ignore,
        demand: Demand | None = None,
        expected: SourceInfo | None = None,
        load: Callable[[], starting.Loaded] | None = None,
        lasting: bool = False,
    ) -> None:
        cv2.setNumThreads(1)  # the workers are the parallelism; OpenCV's own would only spin
        self.stats = Stats()
        self.demand = demand or Demand()
        self._current = CurrentLook(Look(compositor, refiner, mirror))
        given = source, self.stats, self._current, self.demand
        self._capture = Capture(*given, expected=expected, lasting=lasting, on_capture=on_capture)
        self._sink = sink
        self._fit = fit
        self._shows_first = expected is not None and sink.is_camera
        self._load = load or (lambda: (segmenters or (), refiner))
        self._lasting = lasting
        self._crew = Crew()
        self._slots: list[Slot[Lease]] = []
        self._watchdog = Watchdog(self._crew.workers)
        self._ended = threading.Event()
        self.stopped = False  # nobody waits for a download any more
        self._output: Output | None = None
        self._relay: Relay | None = None
        self.pool: Pool | None = None
        self.finish = Finish()

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

    __enter__ = start

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.stop()
        else:
            self._halt()

    def wait(
        self,
        duration_s: float | None = None,
        on_tick: Callable[[Stats], object] = ignore,
        tick_s: float = 1.0,
    ) -> None:
        """Wait for the source's end, a worker's failure, `end` or the time; tick meanwhile."""
        deadline = time.monotonic() + duration_s if duration_s is not None else float("inf")
        while not self._ended.wait(max(0.0, min(tick_s, deadline - time.monotonic()))):
            on_tick(self.stats)
            if time.monotonic() >= deadline:
                break

    def run(self, duration_s: float | None = None) -> None:
        """`wait`, then `stop`."""
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
        if error := self.finish.error or self._crew.error:
            raise error

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
        given = {"compositor": compositor, "refiner": refiner, "mirror": mirror}
        parts = {name: part for name, part in given.items() if part is not None}
        self._current.exchange(SEND_S, self._sink.settle, **parts)

    def thin_out(self, every: int) -> None:
        """See `Capture.every`. From any thread, once it is started."""
        self._capture.every = every

    def change_segmenters(self, segmenters: Sequence[Segmenter]) -> None:
        """See `Relay.change`."""
        assert self._relay is not None
        self._relay.change(segmenters)

    def change_source(self, source: Source) -> SourceInfo:
        """See `Capture.change`. Viewers see the placeholder; other sizes are fitted in."""
        info = self._capture.change(source)
        self._watchdog.expect(info.rate_hz)
        return info

    def change_target(self, target: Target) -> None:
        """See `Output.change`."""
        assert self._output is not None
        self._output.change(target)
        self._sink = target.sink

    def end(self) -> None:
        """Make `wait` return. From any thread, also from a signal's handler."""
        self._ended.set()

    @property
    def segmenter(self) -> Segmenter | None:
        """The one at work; None before there is one."""
        return self._relay.segmenter if self._relay is not None else None

    @property
    def source_info(self) -> SourceInfo | None:
        """What the source delivers; None before it was opened."""
        return self._capture.info

    @property
    def target(self) -> Target | None:
        """Where composites go; None before it was opened."""
        return self._output.target if self._output is not None else None

    @property
    def stalled(self) -> frozenset[str]:
        """Names of the workers that hang at present."""
        return self._watchdog.stalled

    @property
    def edges(self) -> str:
        """How the outline is drawn at present; see `Refiner.edges`."""
        return self._current.look.refiner.edges

    @property
    def trouble(self) -> SegCamError | None:
        """What is wrong at present, None while all is well: first why no picture comes."""
        return self._crew.trouble or self._current.look.compositor.trouble

    @property
    def source_is_open(self) -> bool:
        """Whether the camera is on."""
        return self._capture.is_open

    def _start(self) -> SourceInfo:
        capture = self._capture
        capturer = self._crew.hire("capture", capture, partial(starting.close_first, self._slots))
        capture.exchange.on_ask = capturer.hurry
        if not self._shows_first:
            starting.open_worker(capturer)
        info = capture.opened
        pool = self.pool = Pool(info.size, depth=depth_for(info))
        self._slots += [lease_slot(pool, self.stats, info.live) for _ in range(2)]
        output = self._start_output(pool, info, capturer)
        relay = self._start_relay(pool, info)
        if self._shows_first:
            starting.open_worker(capturer)
            starting.follow(output, capture.opened)
        relay.wait_tried()
        capture.connect(pool, self._slots[0])
        if info.live:  # a file's picture may take as long as it takes
            self._watchdog.start(info.rate_hz, lambda w: w is capturer and capture.starting)
        return capture.opened

    def _start_output(self, pool: Pool, info: SourceInfo, capturer: Worker) -> Output:
        """Open the sink. Viewers see the placeholder from then on."""
        leases = self._slots[1], pool, self.stats
        output = self._output = Output(
            *leases,
            current=self._current,
            target=Target(self._sink, info.size, info.rate_hz),
            live=info.live,
            fit=self._fit,
            capture_down=lambda: capturer.trouble is not None,
            demand=self.demand,
        )
        sender = self._crew.hire("output", output, self._ended.set, info.live)
        output.exchange.on_ask = sender.hurry
        starting.open_worker(sender)
        return output

    def _start_relay(self, pool: Pool, info: SourceInfo) -> Relay:
        leases = self._slots[0], self._slots[1], pool, self.stats
        relay = self._relay = Relay(
            *leases,
            current=self._current,
            workers=self._crew.workers,
            live=info.live,
            lasting=self._lasting,
        )
        relay.start(partial(starting.find_segmenters, self._load, self._current))
        return relay

    def _halt(self) -> None:
        self.stopped = True
        if self._relay is not None:
            self._relay.stop()
        self._crew.stop()
        for slot in self._slots:
            slot.close()
        self.finish.wait(self._crew, self._sink)
        if self._relay is not None:
            self._relay.join(JOIN_S)
        self._current.look.refiner.close()
        self._current.look.compositor.close()
        for slot in self._slots:
            slot.clear()
        self._watchdog.stop()
