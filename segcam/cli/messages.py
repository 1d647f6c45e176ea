"""stderr, which is for people: what cannot be told is left untold, and the camera goes on."""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PATIENCE_S = 1.0
"""A message waits so long for a reader that does not read (Ctrl-S in a terminal, a stuck pipe).
What follows it does not wait, until one gets through again."""
_PART = 512
"""Bytes that a pipe takes whole where it takes any (POSIX's PIPE_BUF)."""


class Messages(io.FileIO):
    """Writes to a descriptor; loses what the system does not take: a full disk, a reader gone."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._patience_s = PATIENCE_S

    def write(self, data: ReadableBuffer) -> int:
        """Write what can be written; tells that it was all."""
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


def never_stop_the_program() -> None:
    """From now on whatever is written to `sys.stderr` can neither fail nor block for long."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = io.TextIOWrapper(
        Messages(2),
        encoding,
        errors="backslashreplace",
        line_buffering=True,
        write_through=True,
    )
