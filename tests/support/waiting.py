"""Waiting for conditions, with limits generous enough for a busy machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_S = 60.0
_PAUSE_S = 0.01


def until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE_S)
    return True


def wait_until(
    condition: Callable[[], object],
    what: str = "it",
    alive: subprocess.Popen[str] | None = None,
    limit_s: float = LIMIT_S,
) -> float:
    """Wait until the condition is true.

    Args:
        condition: Asked again and again.
        what: Named in the failure.
        alive: Fail when this process ends before.
        limit_s: Fail after this.

    Returns:
        The seconds that it took.
    """
    start = time.monotonic()
    while not condition():
        if alive is not None and alive.poll() is not None:
            said = alive.stdout.read() if alive.stdout else ""
            raise AssertionError(f"ended before {what} came: {said}")
        assert time.monotonic() - start < limit_s, f"{what} did not come in {limit_s:g} s"
        time.sleep(_PAUSE_S)
    return time.monotonic() - start


def wait_for(answer: Callable[[], T], limit_s: float = LIMIT_S) -> T:
    """Wait until an answer is true, and return it."""
    deadline = time.monotonic() + limit_s
    while not (found := answer()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(_PAUSE_S)
    return found
