"""Replaces files atomically."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK_S = 10.0
"""Longest wait for a lock, which is normally held for milliseconds."""
_RETRY_S = 0.02


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file atomically: after a crash or on a full disk, the old file is still there.

    Args:
        path: If it is a symbolic link, its target is written. Folders are created.
        data: The new content.
        mode: Permissions of a new file; an old file keeps its own.

    Raises:
        OSError: It cannot be written; the old file is unchanged.
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
    """The path with all symbolic links resolved.

    Raises:
        OSError: The links form a cycle.
    """
    try:
        return path.resolve()
    except RuntimeError as error:  # raised by Python before 3.13
        raise OSError(40, "Its symbolic links form a loop", str(path)) from error


@contextlib.contextmanager
def locked(path: Path, timeout_s: float = LOCK_S) -> Iterator[None]:
    """Hold a lock that at most one thread of all processes holds. It ends with its process.

    The file is never deleted: otherwise two processes could hold two files of the same name.

    Args:
        path: The lock file. Its folder is created.
        timeout_s: Longest wait.

    Raises:
        TimeoutError: Another thread holds it.
        OSError: The file cannot be created.
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


def cure(error: OSError, folder: Path) -> str:
    """What the user can do if a file in a folder cannot be read or written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Free some space where {folder} is"
    if error.errno == errno.EROFS:
        return f"The disk of {folder} is read-only: set SEGCAM_CONFIG to another folder"
    if isinstance(error, PermissionError) and sys.platform != "win32":
        name = shlex.quote(str(folder))
        return f'Make it yours: sudo chown -R "$USER" {name} && chmod -R u+rwX {name}'
    return f"Make {folder} a folder that you can write"


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power failure, if the system supports it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
