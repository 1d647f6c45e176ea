"""The capture worker's stage: moves frames from source to slot while they are wanted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from segcam.errors import (
    CameraBusy,
    CameraLost,
    MediaError,
    SegCamError,
    SourceError,
    UsageError,
)
from segcam.frame import Frame
from segcam.pipeline.demand import Demand
from segcam.pipeline.exchange import Exchange
from segcam.pipeline.look import CurrentLook
from segcam.pipeline.pool import Lease, Pool
from segcam.pipeline.slot import IDLE_POLL_S, POLL_S, Slot
from segcam.pipeline.stats import Stats
from segcam.source.base import Source, SourceInfo

log = logging.getLogger(__name__)

EARLY_S = 0.005
"""Wakes this long before a frame is due, so that the frame is fresh."""


class Capture:
    """Moves frames from the source to the slot. Closes the source while no frames are wanted.

    Holds one lease, so that there is always a frame to read into.

    Args:
        source: Where frames come from.
        stats: Counts frames.
        current: Tells whether they are mirrored.
        demand: Says when they are wanted.
        expected: What the source will probably deliver. If given, a source that another program
            holds at the start is tried again when frames are wanted.
        lasting: A source that is missing at the start may appear later.
    """

    def __init__(
        self,
        source: Source,
        stats: Stats,
        current: CurrentLook,
        demand: Demand,
        *,
        expected: SourceInfo | None = None,
        lasting: bool = False,
        on_capture: Callable[[Frame], object] = lambda _: None,
    ) -> None:
        self._source = source
        self._stats = stats
        self._current = current
        self._mirrored = current.look.mirror
        self._demand = demand
        self._expected = expected
        self._on_capture = on_capture
        self._lasting = lasting
        self._info = expected
        self._was_open = self._is_held = False
        self._connection: tuple[Pool, Slot[Lease]] | None = None
        self._lease: Lease | None = None
        self.is_open = False
        """Whether the source is open: a webcam's light is on."""
        self._starts_anew = True
        self.every = 1
        """Live, every nth frame is taken."""
        self._read_s, self._count = 0.0, 0
        self.exchange: Exchange[Source, SourceInfo] = Exchange(_hangs)
        self.starting = True
        """Whether the source was opened and has not delivered yet: cameras take seconds."""

    @property
    def opened(self) -> SourceInfo:
        """What the source reported when it was last opened; before that, the expected values."""
        assert self._info is not None
        return self._info

    @property
    def info(self) -> SourceInfo | None:
        """As `opened`; None if not known yet."""
        return self._info

    def connect(self, pool: Pool, outbox: Slot[Lease]) -> None:
        """Start passing frames on. Call once; from any thread."""
        self._connection = pool, outbox

    def change(self, source: Source) -> SourceInfo:
        """Close the source and open another one. From any other thread.

        If that fails, the previous one is opened again.

        Returns:
            What the new one delivers.

        Raises:
            SourceError: The new one cannot be opened, or the old one hangs.
        """
        return self.exchange.ask(source)

    def open(self) -> None:
        """Open the source, unless it is known or switched off and no frames are wanted now.

        A camera that came back may have another size: frames follow it.

        Raises:
            CameraLost: It is missing now and may come back.
            SourceError: As `Source.open`.
        """
        self.exchange.serve(self._change_source)
        if self._expected is not None and self._demand.is_paused():
            self._is_held = True  # it was switched off: its light stays off, too
        if self.is_open or (self._is_known and not self._demand.wanted):
            return
        try:
            self._open_source()
        except CameraBusy as error:
            if self._is_known or self._expected is None:
                raise
            log.warning("%s; it will be tried again when somebody watches", error)
            self._is_held = True

    @property
    def _is_known(self) -> bool:
        """Whether the source is known to exist: opened before, held by another program, or off."""
        return self._was_open or self._is_held

    def step(self) -> bool:
        """Read one frame and pass it on, or sleep while none is wanted."""
        if self._connection is None:
            time.sleep(POLL_S / 10)
            return True
        self.exchange.serve(self._change_source)
        self.starting = self._starts_anew and self.is_open
        if not self._demand.wanted:
            return self._sleep()
        if not self.is_open:
            self._open_source()
            return True
        return self._pass_on(*self._connection)

    def close(self) -> None:
        """Close the source and give the lease back."""
        self._close_source()
        if self._lease is not None and self._connection is not None:
            self._connection[0].release(self._lease)
            self._lease = None

    def recovers_from(self, error: SegCamError) -> bool:
        """In a call any fault may be temporary; a broken file stays broken."""
        if not self._is_known:
            return self._lasting
        return error.transient or self.opened.live

    def interrupt(self) -> None:
        """Wake a waiting read, or the wait for viewers."""
        self._source.interrupt()
        self._demand.wake()

    def _sleep(self) -> bool:
        self._close_source()
        self._demand.wait(IDLE_POLL_S)
        return True

    def _open_source(self) -> None:
        self.starting = self._starts_anew = True
        try:
            self._info = self._source.open()
        except (SourceError, UsageError) as error:
            if not (self._was_open or self._lasting) or not _may_pass_after_all(error):
                raise
            raise CameraLost(error.title, error.message, error.hint) from error
        self.is_open = self._was_open = True

    def _change_source(self, source: Source) -> SourceInfo:
        self._close_source()
        self.starting = self._starts_anew = True
        info = source.open()
        self._source, self._info = source, info
        self.is_open = self._was_open = True
        return info

    def _close_source(self) -> None:
        if self.is_open:
            self._source.close()
            self.is_open = False

    def _read(self, out: Frame) -> bool:
        try:
            return self._source.read(out)
        except SourceError as error:
            if not _may_pass_after_all(error):
                raise
            raise CameraLost(error.title, error.message, error.hint) from error

    def _pass_on(self, pool: Pool, outbox: Slot[Lease]) -> bool:
        lease = self._lease = self._lease or pool.acquire(timeout_s=POLL_S)
        if lease is None:
            return True
        self._sleep_through()
        with self._stats.timed("capture"):
            if not self._read(lease.frame):
                return False
            self._mirror(lease.frame)
            self._on_capture(lease.frame)
        if self._is_left_out():
            return True
        self._stats.captured += 1
        lease.frame.cut |= self._starts_anew
        spare = pool.acquire()
        if spare is None and self.opened.live:
            self._stats.drop()
            return True
        self._starts_anew = False
        self._lease = spare
        if self._current.look.compositor.needs_matte:
            lease.frame.make_small()  # here its planes are still in the cache
        outbox.put(lease)
        return True

    def _is_left_out(self) -> bool:
        """Whether this frame is skipped. Skipped frames of a webcam are not even decoded."""
        self._count += 1
        return self.every > 1 and not self.opened.newest and self._count % self.every > 0

    def _sleep_through(self) -> None:
        """Sleep while the webcam sends frames that are skipped."""
        if self.every > 1 and self.opened.newest:
            period_s = float(self.every / self.opened.rate_hz)
            time.sleep(max(0.0, min(self._read_s + period_s - EARLY_S - time.monotonic(), 1.0)))
        self._read_s = time.monotonic()

    def _mirror(self, frame: Frame) -> None:
        mirror = self._current.look.mirror
        if mirror:
            frame.mirror()
        self._starts_anew |= mirror != self._mirrored
        self._mirrored = mirror


def _hangs() -> CameraLost:
    return CameraLost(
        "The camera hangs", "It did not close when asked", "Unplug it and plug it in again"
    )


def _may_pass_after_all(error: SegCamError) -> bool:
    """Whether a non-transient error may still be temporary: yes, if the camera worked before.

    It may come back in another mode, or a second camera of that name may be plugged in. A broken
    clip stays broken.
    """
    return not error.transient and not isinstance(error, MediaError)
