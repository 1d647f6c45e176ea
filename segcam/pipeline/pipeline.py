"""A frame's way: source -> segment -> refine -> composite -> sink.

Three threads carry the frames, a slot lies between each two, and a pool lends the memory::

    capture --(Slot)--> segment --(Slot)--> output (refine, composite, send)

How frames become pictures can be exchanged while they flow, and the model too (``relay.py``).
Live, the newest frame wins; otherwise none is lost. A frame and its matte travel together. While
nobody watches the sink, the source is closed and all three sleep.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import cv2

from segcam.composite.compositor import Compositor
from segcam.errors import SegCamError
from segcam.frame import Frame
from segcam.pipeline import starting
from segcam.pipeline.capture import Capture
from segcam.pipeline.demand import Demand
from segcam.pipeline.finish import Finish
from segcam.pipeline.line import Line
from segcam.pipeline.look import CurrentLook, Look
from segcam.pipeline.pool import Pool
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target
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
        segmenters: In the order of preference. None: see ``load``.
        refiner: Makes the full-size matte. With ``load``, until that is done.
        compositor: Makes the picture that is sent.
        sink: Where composites go.
        mirror: Swap left and right.
        on_capture: Shown each frame with nothing hidden, on the capture worker; keeps none.
        fit: Fit frames of another size than the first into the sink's; else it takes any size.
        demand: Says when frames are wanted: while somebody watches, unless told otherwise.
        expected: What the source is likely to deliver. With it, viewers see a placeholder first, in
            the size and rate that they keep, and a source that another program holds is waited for.
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
        self._line = Line(
            self._capture,
            stats=self.stats,
            current=self._current,
            demand=self.demand,
            lasting=lasting,
        )
        self.stopped = False  # nobody waits for a download any more

    def start(self) -> SourceInfo:
        """Open everything and let the frames go.

        Raises:
            SegCamError: A stage could not be opened; all others are closed again.
        """
        try:
            return self._line.start(
                self._sink, self._load, fit=self._fit, shows_first=self._shows_first
            )
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
        while not self._line.ended.wait(max(0.0, min(tick_s, deadline - time.monotonic()))):
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
        if error := self._line.finish.error or self._line.crew.error:
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
        assert self._line.relay is not None
        self._line.relay.change(segmenters)

    def change_source(self, source: Source) -> SourceInfo:
        """See `Capture.change`. Viewers see the placeholder; other sizes are fitted in."""
        info = self._capture.change(source)
        self._line.watchdog.expect(info.rate_hz)
        return info

    def change_target(self, target: Target) -> None:
        """See `Output.change`."""
        assert self._line.output is not None
        self._line.output.change(target)
        self._sink = target.sink

    def end(self) -> None:
        """Make `wait` return. From any thread, also from a signal's handler."""
        self._line.ended.set()

    @property
    def finish(self) -> Finish:
        """Waits for the end of the run."""
        return self._line.finish

    @property
    def pool(self) -> Pool | None:
        """Lends the memory that frames lie in; None before its size is known."""
        return self._line.pool

    @property
    def segmenter(self) -> Segmenter | None:
        """The one at work; None before there is one."""
        relay = self._line.relay
        return relay.segmenter if relay is not None else None

    @property
    def given_up(self) -> Sequence[tuple[Segmenter, str]]:
        """Segmenters that would be preferred, have failed and are tried again, and why."""
        relay = self._line.relay
        return relay.given_up if relay is not None else ()

    @property
    def source_info(self) -> SourceInfo | None:
        """What the source delivers; None before it was opened."""
        return self._capture.info

    @property
    def target(self) -> Target | None:
        """Where composites go; None before it was opened."""
        output = self._line.output
        return output.target if output is not None else None

    @property
    def stalled(self) -> frozenset[str]:
        """Names of the workers that hang at present."""
        return self._line.watchdog.stalled

    @property
    def edges(self) -> str:
        """How the outline is drawn at present; see `Refiner.edges`."""
        return self._current.look.refiner.edges

    @property
    def trouble(self) -> SegCamError | None:
        """What is wrong at present, None while all is well: first why no picture comes."""
        return self._line.crew.trouble or self._current.look.compositor.trouble

    @property
    def source_is_open(self) -> bool:
        """Whether the camera is on."""
        return self._capture.is_open

    def _halt(self) -> None:
        self.stopped = True
        self._line.halt(self._sink)
