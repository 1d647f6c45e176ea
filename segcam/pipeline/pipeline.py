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
from segcam.pipeline.capture import Capture
from segcam.pipeline.crew import Crew
from segcam.pipeline.demand import Demand
from segcam.pipeline.finish import Finish
from segcam.pipeline.look import CurrentLook, Look, load, still_sent
from segcam.pipeline.output import Output
from segcam.pipeline.pool import Lease, Pool, depth_for, lease_slot
from segcam.pipeline.relay import Relay
from segcam.pipeline.slot import Slot, close_first
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
from segcam.pipeline.watchdog import Watchdog
from segcam.pipeline.worker import JOIN_S
from segcam.refine.base import Refiner
from segcam.segment.base import Segmenter
from segcam.sink.base import Sink
from segcam.source.base import Source, SourceInfo

SEND_S = 2.0
"""A frame that was not made and sent by then hangs in an output."""

Loaded = tuple[Sequence[Segmenter], Refiner]


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
        expected: What the source is likely to deliver: with it, one that is held by another program
            at the start is waited for.
        load: Finds segmenters and refiner; called by `start` when the sink is open already and
            shows the placeholder.
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
        load: Callable[[], Loaded] | None = None,
    ) -> None:
        cv2.setNumThreads(1)  # the workers are the parallelism; OpenCV's own would only spin
        self.stats = Stats()
        self.demand = demand or Demand()
        self._current = CurrentLook(Look(compositor, refiner, mirror))
        self._source = source
        self._segmenters = segmenters or ()
        self._sink = sink
        self._fit = fit
        self._on_capture = on_capture
        self._expected = expected
        self._load = load
        self._crew = Crew()
        self._slots: list[Slot[Lease]] = []
        self._watchdog = Watchdog(self._crew.workers)
        self._ended = threading.Event()
        self._capture: Capture | None = None
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
        earlier = self._current.look
        if refiner is not None and refiner is not earlier.refiner:
            load(refiner)
        given = ("compositor", compositor), ("refiner", refiner), ("mirror", mirror)
        parts = {name: part for name, part in given if part is not None}
        settled = self._current.change(SEND_S, **parts)
        if compositor is not None and compositor is not earlier.compositor:
            earlier.compositor.close()
        settled &= self._sink.settle(SEND_S)
        if not settled:
            raise still_sent()
        if refiner is not None and refiner is not earlier.refiner:
            earlier.refiner.close()

    def thin_out(self, every: int) -> None:
        """See `Capture.every`. From any thread, once it is started."""
        self._capture.every = every  # type: ignore[union-attr]

    def change_segmenters(self, segmenters: Sequence[Segmenter]) -> None:
        """See `Relay.change`."""
        assert self._relay is not None
        self._relay.change(segmenters)
        self._segmenters = segmenters

    def change_source(self, source: Source) -> SourceInfo:
        """See `Capture.change`. Viewers see the placeholder; other sizes are fitted in."""
        assert self._capture is not None
        info = self._capture.change(source)
        self._source = source
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
        return self._capture.info if self._capture is not None else None

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
        return self._capture is not None and self._capture.is_open

    def _start(self) -> SourceInfo:
        given = self._source, self.stats, self._current, self.demand, self._expected
        capture = self._capture = Capture(*given, on_capture=self._on_capture)
        slots = self._slots
        capturer = self._crew.launch("capture", capture, partial(close_first, slots))
        info = capture.opened
        self.pool = Pool(info.size, depth=depth_for(info))
        slots += [lease_slot(self.pool, self.stats, info.live) for _ in range(2)]
        captured, segmented = slots
        target = Target(self._sink, info.size, info.rate_hz)
        output = self._output = Output(
            segmented,
            self.pool,
            self.stats,
            current=self._current,
            target=target,
            live=info.live,
            fit=self._fit,
            capture_down=lambda: capturer.trouble is not None,
            demand=self.demand,
        )
        self._crew.launch("output", output, self._ended.set, info.live)
        if self._load is not None:
            self._segmenters, refiner = self._load()
            self._current.change(SEND_S, refiner=refiner)
        leases = captured, segmented, self.pool, self.stats
        relay = Relay(*leases, current=self._current, workers=self._crew.workers, live=info.live)
        relay.start(self._segmenters)
        self._relay = relay
        load(self._current.look.refiner)
        capture.connect(self.pool, captured)
        if info.live:  # a file's picture may take as long as it takes
            self._watchdog.start(
                info.rate_hz, lambda worker: worker is capturer and capture.starting
            )
        return info

    def _halt(self) -> None:
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
