"""Detects Matroska and WebM files that were cut off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from segcam.media_file import open_file

_HEADER, _SEGMENT = 0x1A45DFA3, 0x18538067


def is_whole(path: Path) -> bool:
    """Whether the file is as long as its segment states. FFmpeg does not report that.

    Streamed recordings do not state their length, and count as complete. Source: RFC 8794, sections
    4 and 5 (identifiers and sizes of variable length).

    Raises:
        MediaError: The file has disappeared.
    """
    with os.fdopen(open_file(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if _number(file, with_marker=True) != _HEADER:
            return False
        file.seek(_number(file) or 0, os.SEEK_CUR)
        if _number(file, with_marker=True) != _SEGMENT:
            return False
        length = _number(file)
        return length is None or file.tell() + length <= size


def _number(file: BinaryIO, with_marker: bool = False) -> int | None:
    """A number of 1 to 8 bytes; None for "unknown", which has all bits set."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    extra = 8 - first[0].bit_length()
    value = int.from_bytes(first + file.read(extra), "big")
    if with_marker:
        return value
    most = (1 << 7 * (extra + 1)) - 1
    value &= most
    return None if value == most else value
