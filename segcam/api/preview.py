"""The live picture for clients, in memory shared with the running SegCam.

It is a small file in the user's runtime folder, which is in memory and which only the user can
open. For the picture without effect it is memory without a name that is passed to one client. A
header is followed by places for pictures, which are written in turn::

    0   "SCPV"      magic
    4   uint32      version, 1
    8   uint64      serial of the newest whole picture, 0: none yet
    16  uint32      bytes of one place
    20  uint32      number of places
    32  places: uint64 serial, uint32 width, uint32 height, RGB888 rows without gaps

All numbers are little-endian. Picture N lies in place N % places. Its serial is written last, and
is 0 while the rest changes. Readers compare it before and after reading.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

from segcam.errors import DaemonError

MAGIC, VERSION = b"SCPV", 1
WIDTH_MAX = HEIGHT_MAX = 640
"""Longest side of a preview, in pixels."""
PLACES = 3
HEADER, PLACE, SERIAL = struct.Struct("<4sI Q II8x"), struct.Struct("<QII"), struct.Struct("<Q")
SERIAL_AT = 8
PLACE_BYTES = PLACE.size + 3 * WIDTH_MAX * HEIGHT_MAX
FILE_BYTES = HEADER.size + PLACES * PLACE_BYTES
_TRIES = 5

Picture = tuple[int, int, int, bytes]
"""Serial, width, height, RGB888 rows without gaps."""


class Preview:
    """Reads the newest picture; ``with Preview(path) as preview`` opens and closes it.

    Args:
        path: From `segcam.api.client.watch`, which must stay open; or a descriptor, which is closed
            here.

    Raises:
        DaemonError: There is no preview at ``path``.
    """

    def __init__(self, path: str | Path | int) -> None:
        try:
            fd = path if isinstance(path, int) else _opened(path)
            try:
                self._memory = mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
            finally:
                os.close(fd)
        except (OSError, ValueError) as error:
            raise _unusable(path, str(error)) from error
        if len(self._memory) < HEADER.size:
            raise _unusable(path, "It is too short")
        magic, version, _, self._place_bytes, self._places = HEADER.unpack_from(self._memory)
        whole = HEADER.size + self._places * self._place_bytes
        if (magic, version) != (MAGIC, VERSION) or not self._places or len(self._memory) < whole:
            self._memory.close()
            raise _unusable(path, "It has a different version")

    def __enter__(self) -> Preview:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def serial(self) -> int:
        """Serial of the newest picture, 0 if there is none yet."""
        return int(SERIAL.unpack_from(self._memory, SERIAL_AT)[0])

    def read(self) -> Picture | None:
        """The newest picture, None if there is none yet or it changes too quickly."""
        for _ in range(_TRIES):
            serial = self.serial
            if not serial:
                return None
            picture = self._place(serial)
            if picture is not None:
                return picture
        return None

    def _place(self, serial: int) -> Picture | None:
        """Picture ``serial``, None if it has been overwritten."""
        at = HEADER.size + serial % self._places * self._place_bytes
        before, width, height = PLACE.unpack_from(self._memory, at)
        start = at + PLACE.size
        size = 3 * width * height
        if before != serial or size > self._place_bytes - PLACE.size:
            return None
        rows = self._memory[start : start + size]
        (after,) = SERIAL.unpack_from(self._memory, at)
        return (serial, width, height, rows) if after == serial else None

    def close(self) -> None:
        """Release the memory. May be called twice."""
        self._memory.close()


def _opened(path: str | Path) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))


def _unusable(path: str | Path | int, reason: str) -> DaemonError:
    return DaemonError(f"{path} is not a preview", reason, "Restart SegCam: segcam restart")
