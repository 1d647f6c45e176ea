"""Writing a file so that it is always either the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK_S = 10.0
"""A lock is normally held for milliseconds; after this its holder hangs."""
_RETRY_S = 0.02


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a whole file at once: after a crash or on a full disk, the old one is still there.

    Args:
        path: A symbolic link stays, and what it points to is written. Folders are made.
        data: The new content.
        mode: Permissions of a new file; those of an old one are kept.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    target = resolved(path)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(target.stat().st_mode)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if sys.platform != "win32":
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, target)  # noqa: PTH105 (mkstemp gives a string)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def resolved(path: Path) -> Path:
    """Where a path's symbolic links lead.

    Raises:
        OSError: In a circle.
    """
    try:
        return path.resolve()
    except RuntimeError as error:  # what Python before 3.13 says
        raise OSError(40, "Its symbolic links lead in a circle", str(path)) from error


@contextlib.contextmanager
def locked(path: Path, timeout_s: float = LOCK_S) -> Iterator[None]:
    """Hold a lock that at most one thread of all processes holds. It ends with the process.

    The file stays: were it removed, two processes could hold two files of the same name.

    Args:
        path: The lock's own file. Its folder is made.
        timeout_s: Do not wait longer.

    Raises:
        TimeoutError: Somebody else holds it.
        OSError: The file cannot be made.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path, mode=0o600, poll_interval=_RETRY_S, preserve_lock_file=True)
    try:
        lock.acquire(timeout_s)
    except Timeout as error:
        raise TimeoutError(110, "Another program holds its lock", str(path)) from error
    try:
        yield
    finally:
        lock.release()


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
