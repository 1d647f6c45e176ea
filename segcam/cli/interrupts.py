"""Ctrl-C while files are written: the first one ends the work, later ones do not disturb it."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

from segcam.cli.screen import say
from segcam.process import APART_S, ENDING

_MORE = 3
"""After this many further Ctrl-C, abandon the file that is being finished."""


class Interrupts:
    """``with Interrupts() as interrupts:`` around the work. On the main thread.

    Ignored signals stay ignored.

    Args:
        hangup: Whether SIGHUP is one of them; for `segcam run` it has another meaning.
    """

    def __init__(self, *, hangup: bool = True) -> None:
        self._names = [name for name in ENDING if hangup or name != "SIGHUP"]
        self._before: dict[int, Any] = {}
        self._ending = self._pressed = False
        self._asked = 0
        self._last_s = 0.0

    def __enter__(self) -> Interrupts:
        for name in self._names:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold(self) -> None:
        """The work is done: later signals do not interrupt its end."""
        self._ending = True

    def insist(self) -> None:
        """Call it now and then during the work.

        Raises:
            KeyboardInterrupt: The work was interrupted without noticing: a library may lose an
                exception that is raised in its callback.
        """
        if self._pressed:
            raise KeyboardInterrupt

    def tell(self, name: str) -> None:
        """Say that a file is being finished, and how to abandon it."""
        say(f"Finishing {name}; press Ctrl-C {_MORE} times to abandon it.")

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        now_s = time.monotonic()
        if not self._ending:
            self._ending, self._pressed, self._last_s = True, True, now_s
            raise KeyboardInterrupt
        if signum == signal.SIGINT and now_s - self._last_s > APART_S:
            self._last_s = now_s
            self._asked += 1
            if self._asked >= _MORE:
                raise KeyboardInterrupt
