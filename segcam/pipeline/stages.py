"""The three workers' duties: capture, segment, output. Each frame passes them in this order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from segcam.composite.card import card
from segcam.composite.compositor import Compositor
from segcam.errors import BackendError, MatteRejected, SegCamError
from segcam.frame import F32, Frame
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.planes import contain
from segcam.refine.base import Refiner
from segcam.sink.base import Sink
from segcam.source.base import Source, SourceInfo

log = logging.getLogger(__name__)

STALE_S = 0.5
"""No composite for so long: the placeholder is sent, and again each time as much has passed. A
virtual camera wants at least one frame a second; half of that is what viewers take for still."""
POLL_S = 0.1
"""How often a worker without work looks whether it should end."""
FAILURES = 3
"""So many failed inferences in a row: the backend is given up for the next."""


class Segments(Protocol):
    """What the segment stage needs of a segmenter; `segcam.segment.segmenter.Segmenter` is it."""

    def open(self) -> None:
        """Load the model."""

    def segment(self, frame: Frame, out: F32) -> None:
        """Write the coarse matte of ``frame``."""

    def close(self) -> None:
        """Release the model."""


class Capture:
    """Source to slot. Holds one lease, so that there is always a frame to read into."""

    def __init__(self, source: Source, stats: Stats, mirror: bool) -> None:
        self._source = source
        self._stats = stats
        self._mirror = mirror
        self._info: SourceInfo | None = None
        self._connection: tuple[Pool, Slot[Lease]] | None = None
        self._lease: Lease | None = None

    @property
    def opened(self) -> SourceInfo:
        """What the open source delivers."""
        assert self._info is not None
        return self._info

    def connect(self, pool: Pool, outbox: Slot[Lease]) -> None:
        """Let the frames go. Once; from any thread."""
        self._connection = pool, outbox

    def open(self) -> None:
        """Open the source. A camera that came back may have another size: frames follow it."""
        self._info = self._source.open()

    def step(self) -> bool:
        """Read one frame and pass it on."""
        if self._connection is None:
            time.sleep(POLL_S / 10)
            return True
        pool, outbox = self._connection
        lease = self._lease = self._lease or pool.acquire(timeout_s=POLL_S)
        if lease is None:
            return True
        with self._stats.timed("capture"):
            if not self._source.read(lease.frame):
                return False
            if self._mirror:
                lease.frame.mirror()
        self._stats.captured += 1
        spare = pool.acquire()
        if spare is None and self.opened.live:
            self._stats.drop()
            return True
        self._lease = spare
        outbox.put(lease)
        return True

    def close(self) -> None:
        """Close the source and give the lease back."""
        self._source.close()
        if self._lease is not None and self._connection is not None:
            self._connection[0].release(self._lease)
            self._lease = None

    def recovers_from(self, error: SegCamError) -> bool:
        """A live camera may come back; a file that is broken stays so."""
        return error.transient

    def interrupt(self) -> None:
        """Wake a waiting read."""
        self._source.interrupt()


class Segment:
    """Slot to slot: gives each frame its matte.

    Args:
        segmenters: In the order of preference; the next one takes over where one fails for good.
        compositor: Asked whether a matte is needed at all.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        outbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        segmenters: Sequence[Segments],
        compositor: Compositor,
    ) -> None:
        self._segmenters = list(segmenters)
        self._compositor = compositor
        self._inbox = inbox
        self._outbox = outbox
        self._pool = pool
        self._stats = stats
        self._failures = 0

    def open(self) -> None:
        """Load the model of the first segmenter that does not refuse."""
        while True:
            try:
                self._segmenters[0].open()
            except BackendError as error:
                if not self._give_up(error):
                    raise
            else:
                self._failures = 0
                return

    def step(self) -> bool:
        """Segment one frame and pass it on."""
        lease = self._inbox.take(POLL_S)
        if lease is None:
            return not self._inbox.drained
        try:
            if self._compositor.needs_matte:
                self._segment(lease)
        except BaseException:
            self._pool.release(lease)
            raise
        self._outbox.put(lease)
        return True

    def close(self) -> None:
        """Release the model."""
        self._segmenters[0].close()

    def recovers_from(self, error: SegCamError) -> bool:
        """The next backend, or the same one loaded anew, may do better."""
        if isinstance(error, BackendError):
            self._give_up(error)
        return True

    def interrupt(self) -> None:
        """Nothing to wake: every wait is short, or ends when its slot is closed."""

    def _segment(self, lease: Lease) -> None:
        try:
            with self._stats.timed("segment"):
                self._segmenters[0].segment(lease.frame, lease.matte)
        except MatteRejected as error:
            log.debug("frame %d: %s", lease.frame.id, error)
            return
        except BackendError:
            self._failures += 1
            if self._failures >= FAILURES:
                raise
            return
        self._failures = 0
        lease.has_matte = True

    def _give_up(self, error: SegCamError) -> bool:
        """Go on to the next segmenter. False: this is the last one."""
        if len(self._segmenters) == 1:
            return False
        log.warning("going on with the next backend: %s", error)
        self._segmenters.pop(0)
        return True


class Output:
    """Slot to sink: refine, composite, send. Sends the placeholder while there is nothing to send.

    Args:
        info: Size and rate of what is sent are the source's at the start; while it is live someone
            may be watching, so that something must be sent even without frames.
        fit: Fit composites of another size in; otherwise the sink takes any.
        capture_down: Tells whether the camera is away.
    """

    def __init__(
        self,
        inbox: Slot[Lease],
        pool: Pool,
        stats: Stats,
        *,
        refiner: Refiner,
        compositor: Compositor,
        sink: Sink,
        info: SourceInfo,
        fit: bool,
        capture_down: Callable[[], bool],
    ) -> None:
        self._inbox = inbox
        self._pool = pool
        self._refiner = refiner
        self._compositor = compositor
        self._sink = sink
        self._stats = stats
        self._size = size = info.size
        self._rate_hz = info.rate_hz
        self._live = info.live
        self._fit = fit
        self._capture_down = capture_down
        self._composite = Frame.filled(size, (16, 128, 128))
        self._fitted = Frame.filled(size, (16, 128, 128))
        self._matte = np.zeros(size, np.uint8)
        self._starting = card(size, "One moment")
        self._away = card(size, "Camera is away")
        self._off = card(size, "Camera is off")
        self._sent_ns = 0
        self._away_shown = False

    def open(self) -> None:
        """Open the sink; a viewer's first frame is the placeholder."""
        self._sink.open(self._size, self._rate_hz)
        if self._live:
            self._send_card(self._starting)

    def step(self) -> bool:
        """Make and send one composite, or the placeholder where none comes."""
        lease = self._inbox.take(float(2 / self._rate_hz) if self._live else POLL_S)
        if lease is None:
            if self._live and not self._inbox.drained:
                self._keep_alive()
            return not self._inbox.drained
        try:
            self._make(lease)
            self._send(lease.frame)
        finally:
            self._pool.release(lease)
        return True

    def close(self) -> None:
        """Leave a card with the viewers and close the sink.

        Raises:
            SinkError: The output could not be finished.
        """
        try:
            if self._live and self._sent_ns:
                self._send_card(self._off)
        except SegCamError as error:
            log.debug("no card at the end: %s", error)
        self._sent_ns = 0
        self._sink.close()

    def recovers_from(self, error: SegCamError) -> bool:
        """A device may come back; a file that cannot be written stays so."""
        return error.transient

    def interrupt(self) -> None:
        """Nothing to wake: every wait is short."""

    def _make(self, lease: Lease) -> None:
        frame, compositor = lease.frame, self._compositor
        if self._matte.shape != frame.size:
            self._matte = np.zeros(frame.size, np.uint8)
        if compositor.needs_matte and not lease.has_matte:
            self._stats.hidden += 1
            compositor.hide(frame, self._composite)
            return
        if compositor.needs_matte:
            with self._stats.timed("refine"):
                self._refiner.refine(lease.matte, frame, self._matte)
        with self._stats.timed("composite"):
            compositor.composite(frame, self._matte, self._composite)

    def _send(self, frame: Frame) -> None:
        picture = self._composite
        if self._fit and picture.size != self._size:
            contain(picture, self._fitted)
            picture = self._fitted
        with self._stats.timed("send"):
            self._sink.send(picture)
        self._sent_ns = time.monotonic_ns()
        self._away_shown = False
        self._stats.sent += 1
        if self._live:
            self._stats.add("latency", self._sent_ns - frame.captured_ns)

    def _keep_alive(self) -> None:
        away = self._capture_down()
        silence_s = (time.monotonic_ns() - self._sent_ns) / 1e9
        if silence_s >= STALE_S or (away and not self._away_shown):
            self._send_card(self._away if away else self._starting)
            self._away_shown = away

    def _send_card(self, picture: Frame) -> None:
        self._sink.send(picture)
        self._sent_ns = time.monotonic_ns()
        self._stats.sent += 1
        self._stats.repeated += 1
