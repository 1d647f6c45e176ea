"""The only thing between two threads: a place for one item."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

POLL_S = 0.1
"""How often a worker without work looks whether it should end."""


class Slot(Generic[T]):
    """Holds at most one item; ``put`` gives ownership away, ``take`` receives it.

    One thread puts, one takes; any may close and clear.

    Args:
        newest_wins: True (live): ``put`` never waits, the item still lying there is given up.
            False (every item counts): ``put`` waits until the slot is empty.
        give_up: Called with each item that will never be taken, on the thread that put or closed.
        overtake: Called with an item and the newer one that takes its place, before that can be
            taken: what must not be lost is handed on.
    """

    def __init__(
        self,
        newest_wins: bool,
        give_up: Callable[[T], None],
        overtake: Callable[[T, T], None] | None = None,
    ) -> None:
        self._newest_wins = newest_wins
        self._give_up = give_up
        self._overtake = overtake
        self._item: T | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._filled, self._emptied = _Signal(), _Signal()
        self._tell()

    def put(self, item: T) -> None:
        """Hand over ``item``. On a closed slot it is given up at once."""
        if not self._newest_wins:
            self._emptied.wait(None)
        with self._lock:
            given_up: T | None = item
            if not self._closed:
                given_up, self._item = self._item, item
                if given_up is not None and self._overtake is not None:
                    self._overtake(given_up, item)
            self._tell()
        if given_up is not None:
            self._give_up(given_up)

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item.

        Returns:
            None when the time is up, or at once when the slot is closed and empty.
        """
        if not self._filled.wait(timeout_s):
            return None
        return self._remove()

    @property
    def drained(self) -> bool:
        """Whether nothing lies here and nothing will any more."""
        with self._lock:
            return self._closed and self._item is None

    def close(self) -> None:
        """Let nothing more in and wake all who wait. What already lies here can still be taken."""
        with self._lock:
            self._closed = True
            self._tell()

    def clear(self) -> None:
        """Give up the item that lies here, if any."""
        item = self._remove()
        if item is not None:
            self._give_up(item)

    def _remove(self) -> T | None:
        with self._lock:
            item, self._item = self._item, None
            self._tell()
        return item

    def _tell(self) -> None:
        """Make the signals say what is so."""
        self._filled.set(self._item is not None or self._closed)
        self._emptied.set(self._item is None or self._closed)


class _Signal:
    """A flag that one thread waits for, and that is down again when the wait is over.

    Not a condition: one woken from that waits for its lock as well, and a frame's three threads
    took 0.3 ms of system time more.
    """

    def __init__(self) -> None:
        self._down = threading.Lock()
        self._down.acquire()

    def set(self, up: bool) -> None:
        """Raise or lower the flag."""
        if not up:
            self._down.acquire(blocking=False)
            return
        with suppress(RuntimeError):  # it is up
            self._down.release()

    def wait(self, timeout_s: float | None) -> bool:
        """Wait until the flag is up, and lower it; False when the time is up."""
        return self._down.acquire(timeout=-1 if timeout_s is None else timeout_s)
