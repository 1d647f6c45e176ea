"""The only thing between two threads: a place for one item."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

POLL_S = 0.1
"""How often a worker without work looks whether it should end."""


class Slot(Generic[T]):
    """Holds at most one item; ``put`` gives ownership away, ``take`` receives it.

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
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> None:
        """Hand over ``item``. On a closed slot it is given up at once."""
        with self._changed:
            if not self._newest_wins:
                self._changed.wait_for(lambda: self._item is None or self._closed)
            given_up: T | None = item
            if not self._closed:
                given_up, self._item = self._item, item
                if given_up is not None and self._overtake is not None:
                    self._overtake(given_up, item)
            self._changed.notify_all()
        if given_up is not None:
            self._give_up(given_up)

    def take(self, timeout_s: float | None = None) -> T | None:
        """Wait for an item.

        Returns:
            None when the time is up, or at once when the slot is closed and empty.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    @property
    def drained(self) -> bool:
        """Whether nothing lies here and nothing will any more."""
        with self._changed:
            return self._closed and self._item is None

    def close(self) -> None:
        """Let nothing more in and wake all who wait. What already lies here can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def clear(self) -> None:
        """Give up the item that lies here, if any."""
        with self._changed:
            item, self._item = self._item, None
            self._changed.notify_all()
        if item is not None:
            self._give_up(item)
