"""Reads regular files, and refuses anything else safely: pipes, devices, sockets."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)  # Windows
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer would block
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotRegular(OSError):
    """The path is not a regular file.

    Attributes:
        kind: What it is, for the user.
    """

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.EINVAL, f"it is {kind}, not a file", str(path))
        self.kind = kind


def open_regular(path: Path, most_bytes: int | None = None) -> int:
    """Open a regular file for reading; never blocks on anything else.

    Args:
        path: May be a link.
        most_bytes: Refuse a larger file; None: no limit.

    Returns:
        A file descriptor; the caller closes it.

    Raises:
        OSError: There is no such file, it is too large, or it cannot be read.
        NotRegular: It is not a regular file.
    """
    try:
        _check(path, path.stat(), most_bytes)  # opening some devices has side effects
        file = os.open(path, _FLAGS)
    except ValueError as error:  # a character that no file name can have
        raise OSError(errno.EINVAL, "it is not a file name", str(path)) from error
    try:
        _check(path, os.fstat(file), most_bytes)  # the file may have been replaced
    except BaseException:
        os.close(file)
        raise
    return file


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file of at most that many bytes.

    Raises:
        OSError: As `open_regular`.
    """
    data = read_opened(open_regular(path, most_bytes), most_bytes + 1)
    if len(data) > most_bytes:  # it has grown
        raise _too_large(path, most_bytes)
    return data


def read_opened(file: int, count: int) -> bytes:
    """At most ``count`` bytes from the start of a file of `open_regular`, which is closed.

    Raises:
        OSError: It cannot be read. Some files in /proc wait for data that may never come.
    """
    with os.fdopen(file, "rb") as opened:
        data: bytes | None = opened.read(count)
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "it has no content at present")
    return data


@contextmanager
def readable(path: Path) -> Iterator[str]:
    """A name of the file that native libraries can read while the context lasts.

    Many only take names in UTF-8; OpenCV crashes on others. Linux allows any bytes; there the open
    file has a second name.

    Raises:
        OSError: As `open_regular`, for such a name.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        file = open_regular(path)
        try:
            yield f"/proc/self/fd/{file}"
        finally:
            os.close(file)
    else:
        yield str(path)


def _check(path: Path, found: os.stat_result, most_bytes: int | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotRegular(path, _KINDS.get(stat.S_IFMT(found.st_mode), "not a file"))
    if most_bytes is not None and found.st_size > most_bytes:
        raise _too_large(path, most_bytes)


def _too_large(path: Path, most_bytes: int) -> OSError:
    size = f"{most_bytes >> 20} MiB" if most_bytes >> 20 else f"{most_bytes >> 10} KiB"
    return OSError(errno.EFBIG, f"it is larger than {size}", str(path))
