"""Orders slow changes: one at a time, and of several requests the newest wins."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from segcam.errors import DaemonBusy
from segcam.pipeline.relay import about_to_end


class Turns:
    """Decides who may change a part now, and which request is the newest. From any thread.

    Args:
        started: The parts that the start works on until `free`.
    """

    def __init__(self, started: Iterable[str] = ()) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._alive: dict[int, dict[str, Any]] = {}  # the settings of each unfinished wish
        self._held: dict[str, int] = {}  # the newest wish in effect, by setting
        self._busy = set(started)
        self._is_over = False

    @contextmanager
    def wish(self, given: Mapping[str, Any]) -> Iterator[Wish]:
        """A wish for these settings, newer than all others, in progress inside the context."""
        with self._changed:
            number = next(self._numbers)
            self._alive[number] = dict(given)
            self._changed.notify_all()  # older ones can stop waiting
        try:
            yield Wish(self, number)
        finally:
            with self._changed:
                del self._alive[number]

    def coming(self) -> dict[str, Any]:
        """The settings of unfinished wishes that are not in effect yet, of each the newest."""
        with self._changed:
            return {
                name: value
                for number, given in sorted(self._alive.items())
                for name, value in given.items()
                if self._held.get(name, 0) < number
            }

    @contextmanager
    def alone(self, part: str) -> Iterator[None]:
        """Take the turn for ``part`` inside the context, without waiting.

        Raises:
            DaemonBusy: Another thread has it.
        """
        with self._changed:
            if part in self._busy:
                raise DaemonBusy(f"SegCam is busy with the {part}", "", "Try again later")
            self._busy.add(part)
        try:
            yield
        finally:
            self.free(part)

    def free(self, part: str) -> None:
        """Release the turn for ``part``."""
        with self._changed:
            self._busy.discard(part)
            self._changed.notify_all()

    def end(self) -> None:
        """Give no more turns, and end all waits."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _outdated(self, number: int, names: Iterable[str]) -> set[str]:
        """The settings for which there is a newer wish, finished or in progress."""
        newer = {n for other, alive in self._alive.items() if other > number for n in alive}
        return {n for n in names if n in newer or self._held.get(n, 0) > number}

    def _take(self, number: int, part: str, names: set[str], on_wait: Callable[[], object]) -> bool:
        """Wait until ``part`` is free; False if newer wishes replace all of this one."""

        def decided() -> bool:
            is_outdated = self._outdated(number, names) == names
            return self._is_over or is_outdated or part not in self._busy

        with self._changed:
            waits = not decided()
        if waits:
            on_wait()
        with self._changed:
            self._changed.wait_for(decided)
            if self._is_over:
                raise about_to_end()
            if self._outdated(number, names) == names:
                return False
            self._busy.add(part)
            return True


class Wish:
    """The request of one client among others; made by `Turns.wish`."""

    def __init__(self, turns: Turns, number: int) -> None:
        self._turns, self._number = turns, number

    @contextmanager
    def turn(
        self, part: str, names: Iterable[str], on_wait: Callable[[], object]
    ) -> Iterator[set[str]]:
        """Take the turn for ``part`` inside the context; waits for it.

        Args:
            part: "model" or "camera".
            names: The requested settings of that part.
            on_wait: Called if it has to wait.

        Yields:
            The names without a newer wish by now; may be none.

        Raises:
            SegCamError: SegCam ends.
        """
        turns, wanted = self._turns, set(names)
        if not turns._take(self._number, part, wanted, on_wait):
            yield set()
            return
        try:
            with turns._changed:
                left = wanted - turns._outdated(self._number, wanted)
            yield left
        finally:
            turns.free(part)

    def hold(self, names: Iterable[str]) -> set[str]:
        """Mark these settings of the wish as in effect.

        Returns:
            The settings that are marked; for the others a newer wish is in effect already.
        """
        turns = self._turns
        with turns._changed:
            mine = {name for name in names if turns._held.get(name, 0) <= self._number}
            turns._held |= dict.fromkeys(mine, self._number)
            return mine
