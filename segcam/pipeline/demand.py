"""Decides whether frames are wanted: webcam and model run only while in use."""

from __future__ import annotations

import threading
import time

LINGER_S = 5.0
"""How long the camera stays on after the last viewer left: programs that change a setting close
the camera and open it again, and webcams need up to a second to start."""


class Demand:
    """Says whether frames are wanted. From any thread.

    Args:
        linger_s: How long frames stay wanted after the last use.
        always_on: Frames are wanted even if nobody watches.
    """

    def __init__(self, linger_s: float = LINGER_S, always_on: bool = False) -> None:
        self._linger_s = linger_s
        self._always_on = always_on
        self._changed = threading.Condition()
        self._in_use = False
        self._reasons: set[str] = set()
        self._used_until_s = float("-inf")
        self._wakes = 0

    def report(self, in_use: bool) -> bool:
        """Report whether somebody watches now. Called by the output worker at every step.

        Returns:
            Whether frames are wanted.
        """
        with self._changed:
            if in_use or self._in_use:
                self._used_until_s = time.monotonic()
            self._in_use = in_use
            return self._notify()

    @property
    def in_use(self) -> bool:
        """Whether somebody watches, as last reported."""
        return self._in_use

    @property
    def wanted(self) -> bool:
        """Whether frames are to be made."""
        with self._changed:
            return self._is_wanted()

    def pause(self, reason: str) -> None:
        """Want no frames from now on, even if somebody watches.

        Args:
            reason: For instance that the computer sleeps, or that the user switched the camera off.
                Frames are wanted again when no reason is left.
        """
        with self._changed:
            self._reasons.add(reason)

    def resume(self, reason: str) -> None:
        """Undo `pause` for that reason, if it was paused for it."""
        with self._changed:
            self._reasons.discard(reason)
            self._notify()

    def is_paused(self, reason: str = "") -> bool:
        """Whether it is paused for that reason; "" for any reason."""
        return reason in self._reasons if reason else bool(self._reasons)

    def change(self, linger_s: float, always_on: bool) -> None:
        """Use these values from now on; arguments as for the class."""
        with self._changed:
            self._linger_s, self._always_on = linger_s, always_on
            self._notify()

    def wait(self, timeout_s: float) -> bool:
        """Wait until frames are wanted. False: the time is up, or `wake` was called."""
        with self._changed:
            wakes = self._wakes
            self._changed.wait_for(lambda: self._is_wanted() or self._wakes > wakes, timeout_s)
            return self._is_wanted()

    def wake(self) -> None:
        """End all waits."""
        with self._changed:
            self._wakes += 1
            self._changed.notify_all()

    def _is_wanted(self) -> bool:
        if self._reasons:
            return False
        lingers = time.monotonic() - self._used_until_s < self._linger_s
        return self._always_on or self._in_use or lingers

    def _notify(self) -> bool:
        wanted = self._is_wanted()
        if wanted:
            self._changed.notify_all()
        return wanted
