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
        self._paused = False
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

    def pause(self) -> None:
        """Frames are not wanted from now on, whoever watches: the computer goes to sleep."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on as before `pause`."""
        with self._changed:
            self._paused = False
            self._notify()

    def wait(self, timeout_s: float) -> bool:
        """Wait until frames are wanted. False: the time is up and they are not."""
        with self._changed:
            return self._changed.wait_for(self._is_wanted, timeout_s)

    def _is_wanted(self) -> bool:
        if self._paused:
            return False
        lingers = time.monotonic() - self._used_until_s < self._linger_s
        return self._always_on or self._in_use or lingers

    def _notify(self) -> bool:
        wanted = self._is_wanted()
        if wanted:
            self._changed.notify_all()
        return wanted
