"""Ctrl-C while files are written: the first one ends the work, others do not disturb its end."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

from segcam.cli.screen import say

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""The last is unknown on Windows."""
_MORE = 3
"""So many times Ctrl-C again gives up what is being finished."""
_APART_S = 0.3
"""Signals that come closer together count as one: a terminal that is closed sends several, and
a key that is held down many."""


class Interrupts:
    """``with Interrupts() as interrupts:`` around the work. On the main thread.

    Signals that are ignored stay so.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._ending = self._pressed = False
        self._asked = 0
        self._last_s = 0.0

    def __enter__(self) -> Interrupts:
        for name in _ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """The work is done: what comes now does not interrupt its end."""
        self._ending = True

    def insist(self) -> None:
        """Call it now and then while the work goes on.

        Raises:
            KeyboardInterrupt: The work was interrupted and does not know: libraries lose an
                exception that is raised where they cannot pass it on.
        """
        if self._pressed:
            raise KeyboardInterrupt

    def tell(self, name: str) -> None:
        """Say that a file is being finished, and how that can be given up."""
        say(f"Finishing {name}; Ctrl-C {_MORE} times gives it up.")

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        now_s = time.monotonic()
        if not self._ending:
            self._ending, self._pressed, self._last_s = True, True, now_s
            raise KeyboardInterrupt
        if signum == signal.SIGINT and now_s - self._last_s > _APART_S:
            self._last_s = now_s
            self._asked += 1
            if self._asked >= _MORE:
                raise KeyboardInterrupt
