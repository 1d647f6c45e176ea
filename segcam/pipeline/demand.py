"""Whether the picture is wanted: webcam and model run only while somebody watches."""

from __future__ import annotations

import threading
import time

LINGER_S = 5.0
"""How long the camera stays on after the last viewer left: programs that change a setting close
the camera and open it again, and webcams need up to a second to start."""


class Demand:
    """Says whether frames are wanted. From any thread.

    Args:
        linger_s: How long they stay wanted after the last use.
        always_on: They are wanted whoever watches.
    """

    def __init__(self, linger_s: float = LINGER_S, always_on: bool = False) -> None:
        self._linger_s = linger_s
        self._always_on = always_on
        self._changed = threading.Condition()
        self._in_use = False
        self._reasons: set[str] = set()
        self._used_until_s = float("-inf")

    def report(self, in_use: bool) -> bool:
        """Say whether somebody watches now; the output worker does, every step.

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
        """Frames are not wanted from now on, whoever watches.

        Args:
            reason: The computer sleeps, or the user switched the camera off: frames are wanted
                again when no reason is left.
        """
        with self._changed:
            self._reasons.add(reason)

    def resume(self, reason: str) -> None:
        """Go on as before `pause` for that reason. Nothing happens where there was none."""
        with self._changed:
            self._reasons.discard(reason)
            self._notify()

    def is_paused(self, reason: str = "") -> bool:
        """Whether frames are not wanted for that reason; "" for any."""
        return reason in self._reasons if reason else bool(self._reasons)

    def change(self, linger_s: float, always_on: bool) -> None:
        """Decide anew from now on; arguments as for the class."""
        with self._changed:
            self._linger_s, self._always_on = linger_s, always_on
            self._notify()

    def wait(self, timeout_s: float) -> bool:
        """Wait until frames are wanted. False: the time is up and they are not."""
        with self._changed:
            return self._changed.wait_for(self._is_wanted, timeout_s)

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
