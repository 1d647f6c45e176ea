"""Opens the files of pictures and clips: only regular files, and a path is never a URL."""

from __future__ import annotations

from pathlib import Path

from segcam.errors import MediaError
from segcam.regular import NotRegular, open_regular, read_opened

MOST_BYTES = 512 * 2**20
"""Limit for a file that is read completely: an uncompressed picture of 128 million pixels fits."""


def open_file(path: Path) -> int:
    """Open a regular file for reading; never blocks on anything else.

    Returns:
        A file descriptor; the caller closes it.

    Raises:
        MediaError: There is no such file, it cannot be read, or it is a folder, pipe, socket or
            device.
    """
    try:
        return open_regular(path)
    except OSError as error:
        raise _unopenable(path, error) from error


def read_start(path: Path, count: int) -> bytes:
    """At most ``count`` bytes from the start of a regular file.

    Raises:
        MediaError: As `open_file`.
    """
    try:
        return read_opened(open_file(path), count)
    except OSError as error:
        raise _unopenable(path, error) from error


def read_file(path: Path) -> bytes:
    """The content of a regular file.

    Raises:
        MediaError: As `open_file`, or it is larger than ``MOST_BYTES``.
    """
    data = read_start(path, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise MediaError(
            f"{path} is too large",
            f"SegCam reads pictures of up to {MOST_BYTES >> 20} MiB",
            "Save a smaller copy of it",
        )
    return data


def _unopenable(path: Path, error: OSError) -> MediaError:
    if isinstance(error, FileNotFoundError):
        return MediaError(
            f"There is no file {path}", "", "Check the path; quote it if it has spaces"
        )
    if isinstance(error, NotRegular):
        return MediaError(
            f"{path} is {error.kind}",
            "SegCam reads pictures and clips from files alone",
            "Name a file",
        )
    return MediaError(
        f"{path} cannot be opened",
        error.strerror or str(error),
        "Check the path, and whether you may read it",
    )
