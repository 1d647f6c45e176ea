"""Waits for conditions, with limits that suit a busy machine."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
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
        condition: Called repeatedly.
        what: Named in the failure.
        alive: Fail if this process ends first.
        limit_s: Fail after this.

    Returns:
        The seconds of waiting.
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


def listens(path: Path) -> bool:
    """Whether a program listens at a socket, whose file is there a moment before."""
    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.connect(str(path))
        return True
    return False


class Stalls:
    """Measures how long threads of this process wait for a processor; ``with Stalls() as it``.

    A test's limits apply to an idle machine; add the machine's delays to them.

    Attributes:
        longest_s: The longest interval of a thread that wakes every 10 ms.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Stalls:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(_PAUSE_S):
            now = time.monotonic()
            self.longest_s = max(self.longest_s, now - before)
            before = now
