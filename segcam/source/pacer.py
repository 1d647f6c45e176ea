"""A clock for sources without one."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

LATE_NS = 500_000_000
"""If it is further behind, the clock restarts instead of catching up: the machine slept."""


class Pacer:
    """Releases frames at the rate of a camera."""

    def __init__(self) -> None:
        self._interrupted = threading.Event()
        self._due_ns = 0

    def wait(self, period_ns: int) -> int:
        """Wait until one period after the last frame was due.

        Returns:
            The due time of the frame, ``time.monotonic_ns()``.
        """
        now = time.monotonic_ns()
        self._due_ns += period_ns
        if abs(now - self._due_ns) > max(LATE_NS, 2 * period_ns):
            self._due_ns = now
        if self._due_ns > now:
            self._interrupted.wait((self._due_ns - now) / 1e9)
        return self._due_ns

    @property
    def interrupted(self) -> bool:
        """Whether ``interrupt`` was called."""
        return self._interrupted.is_set()

    def interrupt(self) -> None:
        """End the current wait and all later ones. From any thread."""
        self._interrupted.set()


def period_ns(rate_hz: Fraction) -> int:
    """The frame period."""
    return round(1_000_000_000 / rate_hz)
