"""A lock held by at most one process per user."""

from __future__ import annotations

import os
import time
from pathlib import Path

from segcam.storage import try_lock

_POLL_S = 0.05


class Lock:
    """Held until it is released or the process ends, however it ends.

    The file stays: were it removed, two processes could hold two files of the same name. It tells
    the holder's process id.

    Args:
        path: In a folder that is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self, timeout_s: float = 0.0) -> bool:
        """Take the lock. False: another still holds it after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while not self._acquired():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def _acquired(self) -> bool:
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if not try_lock(fd):
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd
        return True

    @property
    def holder(self) -> int | None:
        """Process id of who holds it, or held it last; None where the file does not tell."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def release(self) -> None:
        """Give it up. May be called twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
