"""The newest state, for whoever asks, and for whoever wants to be told."""

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
"""So often it is looked whether something has changed by itself, while somebody wants to know."""
TICK_S = 1.0
FRESH_S = 0.25
"""Who asks once waits so long for viewers and counters that are new."""

Viewers = Mapping[str, list[str]]
"""Who watches, by output."""


class Board:
    """Publishes a `State`, which never changes: another takes its place, of a higher revision.

    ``with board:`` starts and stops what gathers viewers and counters.

    Args:
        look: Makes the state as it is now, in microseconds; uptime, revision, counters and timings
            are filled in here.
        count: Makes the counters.
        find_viewers: Finds who watches. May hang.
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
        """Look whether something has changed, and tell the subscribers. From any thread."""
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
        """The state with everything, for who asks once."""
        self._viewers.ask(FRESH_S)
        counters = self._counters.ask(FRESH_S)
        return self._complete(self.refresh(), counters)

    def news(self) -> Iterator[Mapping[str, Any] | None]:
        """What a subscriber is sent: states as they change, counters once a second; else None."""
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
        """The state, as soon as it is another; or after a while."""
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
