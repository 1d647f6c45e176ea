"""Time for sources that have none of their own."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

LATE_NS = 500_000_000
"""Further behind than this, the clock starts anew instead of hurrying: the machine slept."""


class Pacer:
    """Lets frames out at the rate at which a camera would deliver them."""

    def __init__(self) -> None:
        self._interrupted = threading.Event()
        self._due_ns = 0

    def wait(self, period_ns: int) -> int:
        """Wait until one period after the last frame was due.

        Returns:
            The time at which the frame was due, ``time.monotonic_ns()``.
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
        """End the present wait and all later ones. From any thread."""
        self._interrupted.set()


def period_ns(rate_hz: Fraction) -> int:
    """One frame's time."""
    return round(1_000_000_000 / rate_hz)
