"""The memory of previews; `segcam.api.preview` describes its layout."""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

from segcam.api import preview as shared
from segcam.errors import DaemonError
from segcam.frame import U8


class PreviewMemory:
    """Memory that is shared with clients.

    Args:
        path: Its file, below the user's runtime folder; replaces an existing one. None: the memory
            has no name, can only be passed on, and disappears with the last process that uses it.

    Raises:
        DaemonError: This system does not support memory without a name.
        OSError: It cannot be made.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._serial = 0
        self._fd = _nameless() if path is None else _new_file(path)
        os.ftruncate(self._fd, shared.FILE_BYTES)
        self._memory = mmap.mmap(self._fd, shared.FILE_BYTES)
        places = shared.PLACE_BYTES, shared.PLACES
        shared.HEADER.pack_into(self._memory, 0, shared.MAGIC, shared.VERSION, 0, *places)

    def duplicate(self) -> int:
        """A new descriptor to pass on, which the caller closes."""
        return os.dup(self._fd)

    def write(self, rgb: U8) -> None:
        """Show a uint8 (h, w, 3) picture, no larger than the limits of `segcam.api.preview`."""
        serial = self._serial = self._serial + 1
        height, width = rgb.shape[:2]
        at = shared.HEADER.size + serial % shared.PLACES * shared.PLACE_BYTES
        shared.SERIAL.pack_into(self._memory, at, 0)
        start = at + shared.PLACE.size
        self._memory[start : start + rgb.nbytes] = rgb.tobytes()
        shared.PLACE.pack_into(self._memory, at, 0, width, height)
        shared.SERIAL.pack_into(self._memory, at, serial)
        shared.SERIAL.pack_into(self._memory, shared.SERIAL_AT, serial)

    def clear(self) -> None:
        """Wipe all pictures, so that a later client sees no old one."""
        if not self._memory.closed:
            shared.SERIAL.pack_into(self._memory, shared.SERIAL_AT, 0)
            self._memory[shared.HEADER.size :] = bytes(shared.FILE_BYTES - shared.HEADER.size)

    def close(self) -> None:
        """Wipe and release the memory."""
        self.clear()
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self._memory.close()
        fd, self._fd = self._fd, -1
        os.close(fd)


def _new_file(path: Path) -> int:
    path.unlink(missing_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)


def _nameless() -> int:
    if sys.platform != "linux":
        raise DaemonError(
            "The picture without effect cannot be shown",
            "This system has no memory without a name",
            "Choose No effect to see it",
        )
    return os.memfd_create("segcam-preview", os.MFD_CLOEXEC)
