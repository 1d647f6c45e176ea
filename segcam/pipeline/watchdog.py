"""Notices workers that hang in a step."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

from segcam.worker import Worker

log = logging.getLogger(__name__)

CHECK_S = 0.5
STALL_S, STALL_PERIODS = 2.0, 6
"""No step of a live pipeline takes this long on purpose: a source gives up after 5 frame periods,
and every other wait is shorter. Meanwhile the output sends viewers a placeholder."""

SUSPENDED_S = 1.0
"""If the watchdog itself was not scheduled for this long, the whole process was stopped (SIGSTOP, a
debugger) or got no processor. The workers' time limits then start again."""


class Watchdog:
    """Watches heartbeats on its own thread and reports each stall once."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers
        self._excused: Callable[[Worker], bool] = lambda _: False
        self._stall_s = STALL_S
        self._awake_ns = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.stalled: frozenset[str] = frozenset()
        """Names of the workers that hang at present."""

    def start(self, rate_hz: Fraction, excused: Callable[[Worker], bool] = lambda _: False) -> None:
        """Start watching.

        Args:
            rate_hz: Frames per second of the pipeline.
            excused: Tells whether a worker may be slow at present.
        """
        self._excused = excused
        self.expect(rate_hz)
        # Made here: a thread that never starts would keep its target alive.
        self._thread = threading.Thread(target=self._run, name="segcam-watchdog", daemon=True)
        self._thread.start()

    def expect(self, rate_hz: Fraction) -> None:
        """Use this rate from now on. From any thread."""
        self._stall_s = max(STALL_S, float(STALL_PERIODS / rate_hz))

    def stop(self) -> None:
        """Stop watching and wait for the thread, if it was started."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        last_ns = time.monotonic_ns()
        while not self._stop.wait(CHECK_S):
            now_ns = time.monotonic_ns()
            if now_ns - last_ns > SUSPENDED_S * 1e9:
                log.info("SegCam itself was suspended for %.1f s", (now_ns - last_ns) / 1e9)
                self._awake_ns = now_ns
            last_ns = now_ns
            stalled = frozenset(
                worker.name for worker in self._workers if self._hangs(worker, now_ns)
            )
            for name in sorted(stalled - self.stalled):
                log.error("worker %s hangs; showing a placeholder", name)
            for name in sorted(self.stalled - stalled):
                log.info("worker %s is running again", name)
            self.stalled = stalled

    def _hangs(self, worker: Worker, now_ns: int) -> bool:
        beat_ns = worker.beat_ns
        if beat_ns is None or self._excused(worker):
            return False
        return now_ns - max(beat_ns, self._awake_ns) > self._stall_s * 1e9
