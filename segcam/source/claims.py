"""Detects files that were cut off, by the length that they state. FFmpeg gives no error."""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path

from segcam.media_file import open_file
from segcam.source.heads import HEAD_BYTES

_ASF = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
_ASF_PROPERTIES = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
_ASF_LIVE = 1
_FLV_SIZE = b"\0\x08filesize\0"
_PNG, _PNG_END = b"\x89PNG", b"IEND\xae\x42\x60\x82"
_PADDING = 2
"""Bytes that may be missing: some writers count a padding byte that they do not write."""


def is_cut(path: Path) -> bool:
    """Whether a file is shorter than it states: AVI, ASF (WMV), FLV, PNG; others count as complete.

    Raises:
        MediaError: The file has disappeared.
    """
    with os.fdopen(open_file(path), "rb") as file:
        head = file.read(HEAD_BYTES)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - HEAD_BYTES))
        tail = file.read()
    if head.startswith(_PNG):
        return _PNG_END not in tail
    claimed = claimed_bytes(head)
    return claimed is not None and size + _PADDING < claimed


def claimed_bytes(head: bytes) -> int | None:
    """The size in bytes that a file with this header states; None if it states none.

    Sources: AVI RIFF File Reference (Microsoft), "RIFF files"; Advanced Systems Format
    Specification 01.20.05, section 3.2; Adobe Flash Video File Format 10.1, section E.5.
    """
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        size = int.from_bytes(head[4:8], "little")
        return size + 8 if 0 < size < 0xFFFFFFFF else None
    if head.startswith(_ASF):
        at = head.find(_ASF_PROPERTIES)
        fields = head[at : at + 92] if at >= 0 else b""
        if len(fields) < 92 or fields[88] & _ASF_LIVE:
            return None
        return int.from_bytes(fields[40:48], "little")
    if head.startswith(b"FLV"):
        at = head.find(_FLV_SIZE)
        field = head[at + len(_FLV_SIZE) :][:8] if at >= 0 else b""
        size_flv = struct.unpack(">d", field)[0] if len(field) == 8 else 0.0
        return int(size_flv) if math.isfinite(size_flv) and size_flv > 0 else None
    return None
