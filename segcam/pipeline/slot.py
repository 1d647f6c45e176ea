"""The only connection between two threads: one puts items in, the other takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

POLL_S = 0.1
"""How often an idle worker checks whether it should end."""
IDLE_POLL_S = 0.5
"""The same while nobody watches and no frames may come for hours. Requests wake the worker."""


class Slot(Generic[T]):
    """``put`` gives ownership away and never waits, ``take`` receives it.

    One thread puts, one takes; any may close and clear.

    Args:
        newest_wins: True (live): holds one item; a newer one replaces it. False (every item
            counts): holds all items, in order, without a limit.
        give_up: Called with each dropped item, on the thread that put or cleared.
        overtake: Called with an item and its replacement, before the replacement can be taken, to
            hand on what must not be lost.
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
        self._items: deque[T] = deque()
        self._closed = self._woken = False
        self._lock = threading.Lock()
        self._news = _Signal()

    def put(self, item: T) -> None:
        """Hand over ``item``. A closed slot drops it at once."""
        with self._lock:
            given_up = item if self._closed else self._place(item)
        if given_up is not None:
            self._give_up(given_up)

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item.

        Returns:
            None when the time is up or `wake` was called, or at once when the slot is closed and
            empty.
        """
        with self._lock:
            if self._items or self._closed or self._woken:
                return self._next()
            self._news.clear()
        self._news.wait(timeout_s)
        with self._lock:
            return self._next()

    def wake(self) -> None:
        """End the wait of the thread that takes, or the next one. From any thread."""
        with self._lock:
            self._woken = True
            self._news.set()

    @property
    def drained(self) -> bool:
        """Whether the slot is empty and closed."""
        with self._lock:
            return self._closed and not self._items

    def close(self) -> None:
        """Refuse new items and wake the waiting thread. Items in the slot can still be taken."""
        with self._lock:
            self._closed = True
            self._news.set()

    def clear(self) -> None:
        """Drop all items."""
        with self._lock:
            items = list(self._items)
            self._items.clear()
        for item in items:
            self._give_up(item)

    def _place(self, item: T) -> T | None:
        overtaken = self._items.popleft() if self._newest_wins and self._items else None
        if overtaken is not None and self._overtake is not None:
            self._overtake(overtaken, item)
        self._items.append(item)
        self._news.set()
        return overtaken

    def _next(self) -> T | None:
        self._woken = False
        return self._items.popleft() if self._items else None


class _Signal:
    """A flag that one thread waits for; the end of the wait resets it.

    Not a condition variable: its waiter must also acquire the lock again, which cost 0.3 ms of
    system time per frame.
    """

    def __init__(self) -> None:
        self._down = threading.Lock()
        self._down.acquire()

    def set(self) -> None:
        """Raise the flag."""
        with suppress(RuntimeError):  # the flag is up already
            self._down.release()

    def clear(self) -> None:
        """Lower the flag."""
        self._down.acquire(blocking=False)

    def wait(self, timeout_s: float | None) -> None:
        """Wait until the flag is up, and lower it; or until the time is up."""
        self._down.acquire(timeout=-1 if timeout_s is None else timeout_s)


def close_first(slots: Sequence[Slot[Any]]) -> None:
    """Close the first of them, if there is one.

    A function, because a bound method would form a cycle that keeps the pool alive until garbage
    collection.
    """
    for slot in slots[:1]:
        slot.close()
