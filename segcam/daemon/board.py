"""Keeps the newest state for clients that ask and for subscribers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from segcam.api.messages import Counters, State
from segcam.daemon.gather import Gatherer

LOOK_S = 0.1
"""Interval of checks for changes, while there are subscribers."""
TICK_S = 1.0
FRESH_S = 0.25
"""Longest wait of a single request for new viewers and counters."""

Viewers = Mapping[str, list[str]]
"""The viewers of each output."""


class Board:
    """Publishes an immutable `State`; each new one has a higher revision.

    ``with board:`` starts and stops the gathering of viewers and counters.

    Args:
        look: Makes the current state, in microseconds; the board fills in uptime, revision,
            counters and timings.
        count: Makes the counters.
        find_viewers: Finds the viewers. May hang.
    """

    def __init__(
        self,
        look: Callable[[Viewers], State],
        count: Callable[[], Counters],
        find_viewers: Callable[[], Viewers],
    ) -> None:
        self._look = look
        self._counters = Gatherer(count, Counters({}, {}))
        self._viewers: Gatherer[Viewers] = Gatherer(find_viewers, {})
        self._started_s = time.monotonic()
        self._changed = threading.Condition()
        self._state: State | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Board:
        self._stack.enter_context(self._counters)
        self._stack.enter_context(self._viewers)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def refresh(self) -> State:
        """Check for changes, and inform the subscribers. From any thread."""
        with self._changed:
            before = self._state
            found = self._look(self._viewers.value)
            if before is not None:
                found = replace(found, revision=before.revision)
            if before is None or found != before:
                self._state = found = replace(found, revision=found.revision + 1)
                self._changed.notify_all()
            return found

    def state(self) -> State:
        """The complete state, for a single request."""
        self._viewers.ask(FRESH_S)
        counters = self._counters.ask(FRESH_S)
        return self._complete(self.refresh(), counters)

    def news(self) -> Iterator[Mapping[str, Any] | None]:
        """The messages for a subscriber: changed states, counters once a second; else None."""
        revision, tick_s = -1, time.monotonic() + TICK_S
        while True:
            self._viewers.ask()
            counters = self._counters.ask()
            state = self._newer_than(revision)
            if state.revision != revision:
                revision = state.revision
                yield {"state": self._complete(state, counters).as_dict()}
            elif time.monotonic() >= tick_s:
                tick_s = time.monotonic() + TICK_S
                yield counters.as_dict()
            else:
                yield None

    def _newer_than(self, revision: int) -> State:
        """The state, once it has changed or a time limit has passed."""
        state = self.refresh()
        if state.revision != revision:
            return state
        with self._changed:
            self._changed.wait_for(
                lambda: self._state is not None and self._state.revision != revision, LOOK_S
            )
            assert self._state is not None
            return self._state

    def _complete(self, state: State, counters: Counters) -> State:
        return replace(
            state,
            uptime_s=round(time.monotonic() - self._started_s, 3),
            counters=counters.counters,
            stages_ms=counters.stages_ms,
        )
