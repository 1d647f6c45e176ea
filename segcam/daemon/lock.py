"""A lock held by at most one process per user."""

from __future__ import annotations

import os
from pathlib import Path


class Lock:
    """Held until it is released or the process ends, however it ends.

    The file stays: were it removed, two processes could hold two files of the same name.

    Args:
        path: In a folder that is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> bool:
        """Take the lock. False: another holds it. Never waits."""
        import fcntl

        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        self._fd = fd
        return True

    def release(self) -> None:
        """Give it up. May be called twice."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
