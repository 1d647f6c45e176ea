"""Several outputs at once: the loopback device and PipeWire, or a camera and a file.

Each has a thread of its own, so that one that is lost, slow or being opened again, for which
PipeWire may take seconds, costs the others no frame.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

from segcam.errors import SegCamError, SinkError, SinkLost
from segcam.frame import Frame, Size
from segcam.sink.base import Output, Sink

log = logging.getLogger(__name__)

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.25, 3.0
"""A camera that failed is tried again after this, and again after twice as long each time."""
HANGING_S = 3.0
"""A camera that was not closed by then hangs in its driver and is left behind."""
LOOK_S = 1 / 30
"""Without a frame a member still asks so often whether somebody watches: a program that opens the
camera is to see a placeholder at once."""
REST_S = 1.0
"""The same where the output tells by itself when somebody comes."""


class Member:
    """One of the sinks on its thread, and the newest frame for it.

    A camera that fails is closed and opened again until it works; a file that fails is given up,
    since what comes later would overwrite what there was.
    """

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.trouble: SegCamError | None = None
        """Why it takes no frames at present, None while it does."""
        self.in_use = False
        self.tried = threading.Event()
        """Set once it was opened or could not be."""
        self._unfinished: SegCamError | None = None
        self._backoff_s = FIRST_BACKOFF_S
        self._changed = threading.Condition()
        self._stopping = False
        self._has_next = False
        self._told = False
        self.used_otherwise: Callable[[], object] = bool
        """Called, on the member's thread, when `in_use` or `trouble` has changed."""
        self._taken = self._gone = 0
        self._next, self._current = Frame.empty((2, 2)), Frame.empty((2, 2))
        self._thread = threading.Thread(daemon=True)

    def start(self, size: Size, rate_hz: Fraction) -> None:
        """Open the sink and feed it, on a thread, until `stop`."""
        self._thread = threading.Thread(
            target=self._run, args=(size, rate_hz), name=f"segcam-{self.sink.name}", daemon=True
        )
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Take a copy of ``frame``; one that was not sent yet is overtaken by it."""
        if frame.is_placeholder and not self.sink.is_camera:
            return
        with self._changed:
            if self.trouble is not None:
                return
            self._next.copy_from(frame)
            self._has_next = True
            self._taken += 1
            self._changed.notify_all()

    def settle(self, timeout_s: float) -> bool:
        """Wait until what was taken so far was sent, overtaken or lost. False: it hangs."""
        with self._changed:
            taken = self._taken
            return self._changed.wait_for(lambda: self._gone >= taken, timeout_s)

    def stop(self) -> None:
        """Ask the thread to send what it has, close the sink and end; does not wait."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self) -> SegCamError | None:
        """Wait for the thread's end, a file's as long as it takes. Why a file is not whole."""
        if self._thread.ident is not None:
            self._thread.join(HANGING_S if self.sink.is_camera else None)
        lost, self._unfinished = self._unfinished, None
        return lost

    def _run(self, size: Size, rate_hz: Fraction) -> None:
        while self._session(size, rate_hz) and not self._pause():
            pass

    def _session(self, size: Size, rate_hz: Fraction) -> bool:
        """Open, feed and close once. True: try again."""
        try:
            self.sink.open(size, rate_hz)
            look_s = REST_S if self.sink.notify(self._wake) else LOOK_S
            self._use(self.sink.in_use())  # sending the first frame may take its time
            self._recovered()
            self._feed(look_s)
        except SegCamError as error:
            self._failed(error)
        except Exception as error:  # a fault of our own takes one output away, not all
            log.info("%s failed", self.sink.name, exc_info=True)
            self._failed(SinkError(f"{self.sink.name} failed", repr(error), "Please report it"))
        self._use(False)
        with self._changed:
            self._has_next = False  # when it can be sent again, it is too old
            self._let_go(self._taken)
        self._close()
        self.tried.set()
        return self.trouble is not None and self.sink.is_camera

    def _wake(self) -> None:
        with self._changed:
            self._told = True
            self._changed.notify_all()

    def _use(self, in_use: bool) -> None:
        changed, self.in_use = in_use != self.in_use, in_use
        if changed:
            self.used_otherwise()

    def _feed(self, look_s: float) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._has_next or self._stopping or self._told, look_s
                )
                self._told = False
                has_next, self._has_next = self._has_next, False
                taken = self._taken
                if has_next:
                    self._next, self._current = self._current, self._next
                elif self._stopping:
                    return
            if has_next:
                self.sink.send(self._current)
                self._backoff_s = FIRST_BACKOFF_S
                self._let_go(taken)
            self._use(self.sink.in_use())

    def _let_go(self, taken: int) -> None:
        with self._changed:
            self._gone = taken
            self._changed.notify_all()

    def _recovered(self) -> None:
        if self.trouble is not None:
            log.info("%s takes frames again", self.sink.name)
        self.trouble = None
        self.used_otherwise()
        self.tried.set()

    def _failed(self, error: SegCamError) -> None:
        if self.trouble is None:
            log.warning("%s: going on without it. %s", self.sink.name, error)
        self.trouble = error
        if not self.sink.is_camera:
            self._unfinished = error
        self.used_otherwise()

    def _close(self) -> None:
        try:
            self.sink.close()
        except SegCamError as error:
            if self.trouble is None:
                self._unfinished = error

    def _pause(self) -> bool:
        """Wait before the next try. True: it is time to end instead."""
        with self._changed:
            ending = self._changed.wait_for(lambda: self._stopping, self._backoff_s)
        self._backoff_s = min(LONGEST_BACKOFF_S, 2 * self._backoff_s)
        return ending


class Several(Sink):
    """Sinks that get the same frames at the same time. See the Sink protocol.

    Placeholders go to cameras alone, also where another one is a file: see `Frame.is_placeholder`.

    Args:
        sinks: At least one. Owned.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.is_camera = any(sink.is_camera for sink in sinks)
        self.name = _names(sinks)
        self._sinks = sinks
        self.members = [Member(sink) for sink in sinks]

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Open all that can be; the cameras among the others are tried again later.

        Raises:
            SinkError: None could be opened: the first camera's error, or the first one's.
        """
        self.close()
        self.members = [Member(sink) for sink in self._sinks]
        for member in self.members:
            member.start(size, rate_hz)
        for member in self.members:
            member.tried.wait()
        error = self._trouble_of_all()
        if error is not None:
            self._end()
            raise error
        self.name = _names(self._sinks)

    def send(self, frame: Frame) -> None:
        """Hand a copy over to each.

        Raises:
            SinkLost: None of them takes frames any more.
        """
        self._check()
        for member in self.members:
            member.put(frame)

    def outputs(self, in_use: bool) -> list[Output]:  # noqa: ARG002 - each knows its own
        """See `Sink.outputs`."""
        return [Output(each.sink, each.in_use, each.trouble) for each in self.members]

    @property
    def unfinished(self) -> str:
        """See `Sink.unfinished`."""
        return ", ".join(sink.unfinished for sink in self._sinks if sink.unfinished)

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        for sink in self._sinks:
            sink.abandon()

    @property
    def lost(self) -> int:  # type: ignore[override]
        """Frames that not one of them could pass on; see `Sink.lost`."""
        return min(sink.lost for sink in self._sinks)

    def settle(self, timeout_s: float) -> bool:
        """See `Sink.settle`."""
        deadline = time.monotonic() + timeout_s
        return all(member.settle(max(0.0, deadline - time.monotonic())) for member in self.members)

    def in_use(self) -> bool:
        """Whether anybody takes the frames of any of them.

        Raises:
            SinkLost: None of them takes frames any more.
        """
        self._check()
        return any(member.in_use for member in self.members)

    def notify(self, wake: Callable[[], object]) -> bool:
        """Its members are asked by their own threads, which tell; see `Sink.notify`."""
        for member in self.members:
            member.used_otherwise = wake
        return True

    def viewers(self) -> list[str]:
        """Names of the programs that watch any of them."""
        return sorted({viewer for sink in self._sinks for viewer in sink.viewers()})

    def close(self) -> None:
        """Send what is waiting, then close all.

        Raises:
            SinkError: What was sent to one of them could not be finished.
        """
        for error in self._end():
            raise error

    def _end(self) -> list[SegCamError]:
        for member in self.members:
            member.stop()
        return [lost for member in self.members if (lost := member.join())]

    def _check(self) -> None:
        error = self._trouble_of_all()
        if error is not None:
            raise SinkLost(error.title, error.message, error.hint)

    def _trouble_of_all(self) -> SegCamError | None:
        """Why all are down, None while one works. A camera's error first: it may recover."""
        troubles = [(member.sink.is_camera, member.trouble) for member in self.members]
        if any(trouble is None for _, trouble in troubles):
            return None
        return max(troubles, key=lambda each: each[0])[1]


def _names(sinks: Sequence[Sink]) -> str:
    """All their names; a device's own is known once it was opened."""
    return ", ".join(sink.name for sink in sinks)
