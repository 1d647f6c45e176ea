"""Plays a background picture or video on its own thread, so that no file delays a call.

Reading may fail, stall for minutes, or be slower than the call. The compositing thread just takes
the newest finished picture, which costs a lock.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from segcam.composite.courtesy import give_back_large_blocks, give_way, return_memory
from segcam.errors import InternalError, MediaError, SegCamError
from segcam.frame import Frame, Size

log = logging.getLogger(__name__)

START_S = 30.0
"""A background whose first picture takes longer is refused. The largest pictures take 5 s, and
several times that on busy machines."""
STALL_S = 2.0
"""A picture that takes longer to read has stalled: the slowest decoders take a tenth of this."""
HELD_S = 3.0
"""After a failure the last picture is shown for this long; then there is none."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0
"""Pause before a failed background is opened again; doubled each time up to the longest."""
LATE_NS = 250_000_000
"""A video that falls further behind plays slower instead of catching up."""
LEAST_PERIOD_NS = 10_000_000
"""A video's last frame is shown at least this long before it starts over."""
IDLE_S = 1.0
"""Reading pauses when no picture was taken for this long."""
CLOSE_S = 1.0
MOST_STUCK = 8
"""Most stalled readers that are abandoned; each keeps a thread and an open file."""
_stuck: list[threading.Thread] = []


class FrameReader(Protocol):
    """The part of a source that a background needs."""

    def read(self, out: Frame) -> bool:
        """Write the next frame and its time into ``out``; False at the end."""

    def close(self) -> None:
        """Release the file."""


Rewind = Callable[[Size], FrameReader]
"""Opens a picture or video at its first frame, to read it at this (H, W)."""


class Player:
    """Plays a video in a loop, or shows a picture, which is a video of one frame.

    It needs only the memory of three frames of the output size. A video that cannot be decoded fast
    enough plays slower. A video that fails is opened again, with growing pauses.

    Args:
        rewind: Called on the player's thread: at the start, at each end and for another size.
    """

    def __init__(self, rewind: Rewind) -> None:
        _stuck[:] = [thread for thread in _stuck if thread.is_alive()]
        if len(_stuck) >= MOST_STUCK:
            raise MediaError(
                "Too many backgrounds cannot be read",
                f"{len(_stuck)} are still waiting for their disk",
                "Check the disk or network drive that they are on",
            )
        self._rewind = rewind
        self._changed = threading.Condition()
        self._size: Size | None = None
        self._shown: Frame | None = None
        self._ready: Frame | None = None
        self._free = [Frame.empty((2, 2)) for _ in range(3)]
        self._asked_s = time.monotonic()
        self._busy_since_s: float | None = None
        self._error: SegCamError | None = None
        self._error_since_s = 0.0
        self._failures = 0
        self._over_ns = 0
        self._told = ""
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="segcam-background", daemon=True)
        self._thread.start()

    def start(self, size: Size, limit_s: float = START_S) -> None:
        """Wait for the first picture.

        Args:
            size: (H, W) to show it at.
            limit_s: Longest wait.

        Raises:
            SegCamError: It cannot be read, or not in time.
        """
        with self._changed:
            self._size, self._asked_s = size, math.inf  # keep reading during this wait
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._ready or self._error, limit_s)
            self._asked_s = time.monotonic()
            if self._ready is None:
                raise self._error or _stalls(limit_s)

    def newest(self, size: Size) -> Frame | None:
        """The picture to show now; never waits.

        Args:
            size: (H, W) for the next pictures.

        Returns:
            A frame of any size, valid until the next call; None if there is none, or if trouble has
            made the last one too old.
        """
        now_s = time.monotonic()
        with self._changed:
            if size != self._size or now_s - self._asked_s > IDLE_S:
                self._changed.notify_all()
            self._size, self._asked_s = size, now_s
            if self._ready is not None:
                self._let_go(self._shown)
                self._shown, self._ready = self._ready, None
            return self._shown if self._troubled_s(now_s) < HELD_S else None

    @property
    def trouble(self) -> SegCamError | None:
        """Why there is no newer picture, or None. From any thread."""
        with self._changed:
            if self._stalled_s(time.monotonic()) > 0:
                return _stalls(STALL_S)
            return self._error

    def close(self) -> None:
        """End the thread and close the file; a stalled one is abandoned. From any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            _stuck.append(self._thread)

    def _troubled_s(self, now_s: float) -> float:
        failed_s = now_s - self._error_since_s if self._error is not None else 0.0
        return max(failed_s, self._stalled_s(now_s))

    def _stalled_s(self, now_s: float) -> float:
        since_s = self._busy_since_s
        return max(0.0, now_s - since_s - STALL_S) if since_s is not None else 0.0

    def _run(self) -> None:
        give_back_large_blocks()
        while (size := self._next_size()) is not None:
            try:
                self._play(size)
            except SegCamError as error:
                self._fail(error)
            except Exception as error:
                log.info("the background failed", exc_info=True)
                self._fail(InternalError("The background cannot be played", repr(error)))
        return_memory()

    def _next_size(self) -> Size | None:
        """Wait for a requested size; None: the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size is not None)
            return None if self._closed else self._size

    def _play(self, size: Size) -> None:
        """Play from the first frame to the end, or until another size is requested."""
        with self._busy():
            reader = self._rewind(size)
        try:
            count = self._show_all(reader, size)
        finally:
            with self._busy():
                reader.close()
        if self._is_over(size):
            return
        if count == 0:
            raise MediaError(
                "The background video contains no picture", "", "Choose another background"
            )
        if count == 1:
            self._hold(size)

    def _show_all(self, reader: FrameReader, size: Size) -> int:
        """Show each frame when it is due. Returns their number."""
        count, before_ns = 0, 0
        zero_ns = max(self._over_ns, time.monotonic_ns())
        while not self._is_over(size) and (frame := self._read(reader)) is not None:
            if count == 0:
                zero_ns -= frame.captured_ns
            due_ns = zero_ns + frame.captured_ns
            late_ns = time.monotonic_ns() - due_ns
            if late_ns > LATE_NS:
                zero_ns, due_ns = zero_ns + late_ns, due_ns + late_ns
            self._show(frame, due_ns, size)
            if count == 0:  # `start` waits for the first one
                give_way()
            self._over_ns = due_ns + max(due_ns - before_ns if count else 0, LEAST_PERIOD_NS)
            count, before_ns = count + 1, due_ns
        return count

    def _read(self, reader: FrameReader) -> Frame | None:
        with self._changed:
            frame = self._free.pop()
        more = False
        try:
            with self._busy():
                more = reader.read(frame)
        finally:
            if not more:
                self._let_go(frame)
        return frame if more else None

    def _let_go(self, frame: Frame | None) -> None:
        if frame is not None:
            with self._changed:
                self._free.append(frame)

    def _show(self, frame: Frame, due_ns: int, size: Size) -> None:
        """Wait until the frame is due and somebody takes pictures, then publish it."""
        with self._changed:
            left_s = (due_ns - time.monotonic_ns()) / 1e9
            self._changed.wait_for(lambda: self._is_over(size), max(0.0, left_s))
            self._changed.wait_for(lambda: self._is_over(size) or not self._is_idle())
            self._let_go(self._ready)
            self._ready = frame
            self._error, self._failures = None, 0
            self._changed.notify_all()

    def _is_over(self, size: Size) -> bool:
        return self._closed or self._size != size

    def _is_idle(self) -> bool:
        return time.monotonic() - self._asked_s > IDLE_S

    def _hold(self, size: Size) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over(size))

    def _fail(self, error: SegCamError) -> None:
        with self._changed:
            if self._error is None:
                self._error_since_s = time.monotonic()
            if str(error) != self._told:
                log.warning("the background stopped: %s", error)
            self._error, self._told = error, str(error)
            self._changed.notify_all()
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**self._failures)
            self._failures += 1
            self._changed.wait_for(lambda: self._closed, pause_s)

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Marks a step that may stall."""
        self._busy_since_s = time.monotonic()
        try:
            yield
        finally:
            self._busy_since_s = None


def _stalls(limit_s: float) -> MediaError:
    return MediaError(
        "The background cannot be read",
        f"Its disk did not respond within {limit_s:g} s",
        "Check the disk or network drive that it is on, or choose another background",
    )
