"""A thread that runs one stage."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from segcam.errors import SegCamError, foreign

log = logging.getLogger(__name__)

RESTARTS, WINDOW_S = 5, 60.0
"""For files: a worker with more non-transient failures than this is given up."""
JOIN_S = 3.0
"""A worker that takes longer to end hangs in a library and is abandoned."""
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.1, 30.0
LONGEST_TRANSIENT_S = 1.0
"""Longest pause after transient errors, so that an unplugged camera is back soon after its
return."""
CALM_S = 10.0
"""A stage that ran this long before it failed is restarted at once."""


class Stage(Protocol):
    """What a worker runs. All methods but ``interrupt`` are called on the worker's thread."""

    def open(self) -> None:
        """Acquire the resources of the steps. After an error none is held."""

    def step(self) -> bool:
        """Do one piece of work. False: the work is finished."""

    def close(self) -> None:
        """Release everything, also after an error; may be called twice.

        Raises:
            SegCamError: The work could not be finished.
        """

    def recovers_from(self, error: SegCamError) -> bool:
        """Whether opening it (again) may help. Also called if it was never open."""

    def interrupt(self) -> None:
        """Make a waiting ``step`` return soon. From any thread."""


class Worker:
    """Opens a stage, steps it until the end, and restarts it if that may help.

    It retries with growing pauses, more often after transient errors (a camera that was pulled
    out). In a call it never gives up. For files, errors that are not transient are retried 5 times
    in 60 s.

    Args:
        name: The thread's name.
        stage: Owned by the worker's thread from ``start`` on.
        on_end: Called on the thread after the stage was finally closed.
        live: Whether this may be a call.
        longest_backoff_s: The longest pause before the next try.

    Attributes:
        on_trouble: Called on the thread when `trouble` has changed.
    """

    def __init__(
        self,
        name: str,
        stage: Stage,
        on_end: Callable[[], object],
        live: bool = True,
        longest_backoff_s: float | None = None,
    ) -> None:
        self.name = name
        self.error: SegCamError | None = None
        """Why the worker ended, None after a regular end."""
        self.trouble: SegCamError | None = None
        """Why the stage is not running at present, or None."""
        self.beat_ns: int | None = None
        """End of the last step; None while the stage is opening or down."""
        self._stage = stage
        self._on_end = on_end
        self._live = live
        self._longest_backoff_s = longest_backoff_s
        self.on_trouble: Callable[[], object] = bool
        self._stop = threading.Event()
        self._tried = threading.Event()
        self._pause = threading.Event()
        self._failures: deque[float] = deque(maxlen=RESTARTS)
        self._in_a_row = 0
        self._opened_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"segcam-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wait_tried(self) -> None:
        """Wait until the stage is open, or has failed to open and will be tried again.

        Raises:
            SegCamError: It could not be opened; the worker has ended.
        """
        self._tried.wait()
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Ask the thread to end; does not wait."""
        self._stop.set()
        self._pause.set()
        self._stage.interrupt()

    @property
    def hurry(self) -> Callable[[], None]:
        """A function that ends the pause before the next try. Call it from any thread.

        The function holds no reference to the worker, so that the stage may store it.
        """
        return self._pause.set

    def join(self, timeout_s: float | None) -> bool:
        """Wait for the thread's end. False: it hangs in a library."""
        if self._thread.ident is not None:  # the thread was started
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and self._session():
                self._tried.set()
                self._pause.wait(self._backoff_s())
                self._pause.clear()
        finally:
            self._tried.set()
            self._on_end()

    def _session(self) -> bool:
        """Open, step, close once. True: try again."""
        error = self._attempt(self._open_and_step)
        self.beat_ns = None
        closing = self._attempt(self._stage.close)
        error = error or closing  # the first error counts
        return error is not None and self._failed(error)

    def _attempt(self, work: Callable[[], object]) -> SegCamError | None:
        """The error of the work, None if there was none."""
        try:
            work()
        except SegCamError as error:
            return error
        except Exception as error:
            log.info("worker %s failed", self.name, exc_info=True)
            return foreign(error)
        return None

    def _open_and_step(self) -> None:
        self._stage.open()
        self._opened_s = time.monotonic()
        self.beat_ns = time.monotonic_ns()  # the first step may hang, too
        self._tried.set()
        self._step_until_end()

    def _step_until_end(self) -> None:
        while not self._stop.is_set():
            if not self._stage.step():
                return
            self.beat_ns = time.monotonic_ns()
            if self.trouble is not None:
                log.info("worker %s is running again", self.name)
                self._set_trouble(None)

    def _failed(self, error: SegCamError) -> bool:
        news = str(error) != str(self.trouble)
        self._set_trouble(error)
        if self._stage.recovers_from(error) and self._within_budget(error):
            level = logging.WARNING if news else logging.DEBUG  # it may be gone for hours
            log.log(level, "restarting worker %s: %s", self.name, error)
            return True
        self.error = error
        return False

    def _set_trouble(self, trouble: SegCamError | None) -> None:
        self.trouble = trouble
        self.on_trouble()

    def _within_budget(self, error: SegCamError) -> bool:
        now = time.monotonic()
        self._in_a_row = 0 if now - self._opened_s > CALM_S else self._in_a_row + 1
        self._opened_s = math.inf  # count no calm time until it is open again
        self._failures.append(now)
        exhausted = len(self._failures) == RESTARTS and now - self._failures[0] < WINDOW_S
        return self._live or error.transient or not exhausted

    def _backoff_s(self) -> float:
        transient = self.trouble is None or self.trouble.transient
        longest_s = LONGEST_TRANSIENT_S if transient else LONGEST_BACKOFF_S
        longest_s = min(longest_s, self._longest_backoff_s or longest_s)
        return min(longest_s, FIRST_BACKOFF_S * 2.0 ** min(self._in_a_row, 20))
