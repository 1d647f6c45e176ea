"""Gathers expensive facts on a thread, once a second, while somebody asks for them."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

PERIOD_S = 1.0
INTEREST_S = 2.5
"""The thread rests if the last request is older than this."""


class Gatherer(Generic[T]):
    """Keeps the newest answer of ``look``; ``with gatherer:`` starts and stops the thread.

    Args:
        look: Called on the thread; may take its time.
        first: The answer until there is one.
    """

    def __init__(self, look: Callable[[], T], first: T) -> None:
        self._look = look
        self._value = first
        self._gathered_s = self._asked_s = -math.inf
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="segcam-gather", daemon=True)

    def __enter__(self) -> Gatherer[T]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:  # not joined: ``look`` may hang
            self._stopping = True
            self._changed.notify_all()

    @property
    def value(self) -> T:
        """The newest answer, however old."""
        return self._value

    def ask(self, wait_s: float = 0.0) -> T:
        """The newest answer; for a while, it is then updated each second.

        Args:
            wait_s: If it is older than a second, wait this long for a newer one.
        """
        with self._changed:
            self._asked_s = time.monotonic()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._age_s() < PERIOD_S, wait_s)
        return self._value

    def _age_s(self) -> float:
        return time.monotonic() - self._gathered_s

    def _run(self) -> None:
        while self._wait_until_due():
            try:
                value = self._look()
            except Exception:
                log.debug("viewers or processor time unknown", exc_info=True)
                value = self._value
            with self._changed:
                self._value, self._gathered_s = value, time.monotonic()
                self._changed.notify_all()

    def _wait_until_due(self) -> bool:
        """False: the thread should end."""
        with self._changed:
            while not self._stopping:
                now_s = time.monotonic()
                if now_s - self._asked_s >= INTEREST_S:
                    self._changed.wait()
                elif self._age_s() < PERIOD_S:
                    self._changed.wait(PERIOD_S - self._age_s())
                else:
                    break
            return not self._stopping
