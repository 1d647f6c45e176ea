"""Makes stderr safe: a message that cannot be written is dropped, and the camera goes on."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PATIENCE_S = 1.0
"""Longest wait for a reader that does not read (Ctrl-S in a terminal, a stuck pipe). Later messages
do not wait until one succeeds again."""
_PART = 512
"""Bytes that a pipe accepts atomically (POSIX's PIPE_BUF)."""


class Messages(io.FileIO):
    """Writes to a descriptor; drops what the system rejects: a full disk, no reader."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._patience_s = PATIENCE_S

    def write(self, data: ReadableBuffer) -> int:
        """Write as much as possible, and report all of it as written."""
        rest = memoryview(data).cast("B")
        with suppress(OSError):
            while rest and self._is_ready():
                rest = rest[os.write(self.fileno(), rest[:_PART]) :]
        return memoryview(data).nbytes

    def _is_ready(self) -> bool:
        if sys.platform == "win32":
            return True
        waiting = select.poll()
        waiting.register(self.fileno(), select.POLLOUT)
        ready = bool(waiting.poll(self._patience_s * 1e3))
        self._patience_s = PATIENCE_S if ready else 0.0
        return ready


def leave_deleted_file() -> None:
    """Write no more messages to a file without a name, which would only grow.

    `segcam.api.start` reads such a file until SegCam has started; the log has all later messages.
    """
    with suppress(OSError):
        found = os.fstat(2)
        if stat.S_ISREG(found.st_mode) and not found.st_nlink:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)


def never_stop_the_program() -> None:
    """Make writes to `sys.stderr` neither fail nor block for long."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = io.TextIOWrapper(
        Messages(2),
        encoding,
        errors="backslashreplace",
        line_buffering=True,
        write_through=True,
    )
