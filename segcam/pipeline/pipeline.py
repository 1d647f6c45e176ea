"""The way of a frame: source -> segment -> refine -> composite -> sink.

Three threads carry the frames, a slot connects each two, and a pool lends the memory::

    capture --(Slot)--> segment --(Slot)--> output (refine, composite, send)

The look can be exchanged while frames flow, and so can the model (``relay.py``). Live, the newest
frame wins; otherwise none is lost. A frame and its matte travel together. While nobody watches the
sink, the source is closed and all three threads sleep.
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
"""If a frame takes longer than this, an output hangs."""


def ignore(_: object) -> None:
    """Do nothing."""


class Pipeline:
    """Runs one source into one sink. ``with pipeline as info:`` starts and stops it.

    Args:
        source: Where frames come from.
        segmenters: In the order of preference. None: see ``load``.
        refiner: Makes the full-size matte. With ``load``, only until that has found one.
        compositor: Makes the picture that is sent.
        sink: Where composites go.
        mirror: Swap left and right.
        on_capture: Called with each unhidden frame, on the capture worker. Must not keep it.
        fit: Fit frames of other sizes into the sink's size; if False, the sink accepts any size.
        demand: Says when frames are wanted; by default while somebody watches.
        expected: What the source will probably deliver. If given, viewers first see a placeholder
            of that size and rate, which then stay, and a source that another program holds is
            waited for.
        load: Finds segmenters and refiner, on the segment worker's thread.
        lasting: Keep retrying a source or model that is missing at the start.
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
        cv2.setNumThreads(1)  # the workers are parallel already; OpenCV's threads would spin
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
        self.stopped = False  # lets a download end

    def start(self) -> SourceInfo:
        """Open everything and start the frames.

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
        """Wait for the source's end, a worker's failure, `end` or the time limit, and tick."""
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
            SegCamError: The error that ended a worker early.
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
        """Exchange the given parts for all frames from now on. From any thread.

        A refiner loads its network first, which may be slow; no frame waits for that. After this
        has returned, no frame with the old parts is sent.

        Raises:
            SinkError: The change applies to all new frames, but an output hangs and may still send
                an old one.
        """
        given = {"compositor": compositor, "refiner": refiner, "mirror": mirror}
        parts = {name: part for name, part in given.items() if part is not None}
        self._current.exchange(SEND_S, self._sink.settle, **parts)

    def thin_out(self, every: int) -> None:
        """See `Capture.every`. From any thread, after `start`."""
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
        """Lends the memory of frames; None until its size is known."""
        return self._line.pool

    @property
    def segmenter(self) -> Segmenter | None:
        """The running one; None until there is one."""
        relay = self._line.relay
        return relay.segmenter if relay is not None else None

    @property
    def coming(self) -> Sequence[Segmenter]:
        """Preferred segmenters that are being loaded, which may take minutes."""
        relay = self._line.relay
        return relay.coming if relay is not None else ()

    @property
    def given_up(self) -> Sequence[tuple[Segmenter, str]]:
        """Preferred segmenters that failed and are retried, each with the reason."""
        relay = self._line.relay
        return relay.given_up if relay is not None else ()

    @property
    def source_info(self) -> SourceInfo | None:
        """What the source delivers; None until it was opened."""
        return self._capture.info

    @property
    def target(self) -> Target | None:
        """Where composites go; None until it was opened."""
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
        """What is wrong at present, or None. Reasons for a missing picture come first."""
        return self._line.crew.trouble or self._current.look.compositor.trouble

    @property
    def source_is_open(self) -> bool:
        """Whether the camera is on."""
        return self._capture.is_open

    def _halt(self) -> None:
        self.stopped = True
        self._line.halt(self._sink)
