"""A lock held by at most one process per user."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

_POLL_S = 0.05


class Lock:
    """Held until it is released or the process ends, however it ends.

    The file is never deleted: otherwise two processes could hold two files of the same name. It
    contains the holder's process id.

    Args:
        path: In an existing folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(
            path,
            mode=0o600,
            thread_local=False,  # another thread may end SegCam
            poll_interval=_POLL_S,
            preserve_lock_file=True,
            on_acquired=_write_pid,
        )

    def acquire(self, timeout_s: float = 0.0) -> bool:
        """Take the lock. False: another still holds it after ``timeout_s``.

        Raises:
            OSError: The file cannot be made or locked.
        """
        try:
            self._lock.acquire(timeout_s)
        except Timeout:
            return False
        return True

    @property
    def holder(self) -> int | None:
        """Process id of the present or last holder.

        None if it cannot be read: on Windows nobody else can read a locked file.
        """
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def release(self) -> None:
        """Release the lock. May be called twice."""
        self._lock.release()


def _write_pid(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
