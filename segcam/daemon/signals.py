"""Handles signals: SIGHUP reads the settings again, SIGUSR1 switches the camera off or on.

The work happens on threads, because a signal handler may interrupt anything. Each signal has its
own thread: settings may wait for a model, but the camera must go off at once.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType

from segcam.errors import SegCamError, foreign
from segcam.process import has_terminal

log = logging.getLogger(__name__)

Wishes = Mapping[str, Callable[[], object]]
"""Callbacks by the signal's name."""


class Signals:
    """Handles signals; ``with Signals(wishes):``, on the main thread. Windows has none of them.

    A signal that SegCam was told to ignore, as nohup does, stays ignored.

    Args:
        wishes: Callbacks, each called on a thread.
        end: Called if SIGHUP means that the terminal was closed.
    """

    def __init__(self, wishes: Wishes, end: Callable[[], object]) -> None:
        self._wishes = {
            getattr(signal, name): wish for name, wish in wishes.items() if hasattr(signal, name)
        }
        self._end = end
        self._had_terminal = has_terminal()
        # A signal handler may put into them.
        self._asked: dict[int, queue.SimpleQueue[bool]] = {
            number: queue.SimpleQueue() for number in self._wishes
        }
        self._before: dict[int, object] = {}

    def __enter__(self) -> Signals:
        for number in self._wishes:
            before = signal.getsignal(number)
            if before != signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._ask)
                name = f"segcam-{signal.Signals(number).name}"
                threading.Thread(target=self._run, args=(number,), name=name, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]
            self._asked[number].put(False)

    def _ask(self, number: int, _: FrameType | None) -> None:
        self._asked[number].put(True)

    def _run(self, number: int) -> None:
        is_hangup = number == getattr(signal, "SIGHUP", None)
        while self._asked[number].get():
            if is_hangup and self._had_terminal and not has_terminal():
                self._end()
            else:
                self._do(self._wishes[number])

    def _do(self, wish: Callable[[], object]) -> None:
        try:
            wish()
        except SegCamError as error:
            log.warning("a signal: %s", error)
        except Exception as error:  # the next signal, perhaps to end, must still work
            log.warning("a signal: %s", foreign(error))
