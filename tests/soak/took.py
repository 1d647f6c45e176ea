"""Times of the steps; ends a process in which a step hangs."""

from __future__ import annotations

import faulthandler
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

DEADLINE_S = 120
"""Starting, stopping and coming back take a second; what takes so long never ends."""


@dataclass
class Took:
    """The longest each kind of step took, in seconds."""

    longest_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Ends the process, with every thread's stack, where the step does not end.

        One at a time.
        """
        faulthandler.dump_traceback_later(DEADLINE_S, exit=True)
        start = time.monotonic()
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            longest_s = self.longest_s.get(name, 0.0)
            self.longest_s[name] = max(longest_s, time.monotonic() - start)
