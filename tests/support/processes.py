"""The segcam program, and what the system knows of processes."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

SEGCAM = Path(sys.executable).parent / "segcam"
"""The command as users have it."""


def children(parent: int | str = "self") -> list[int]:
    """Process ids of the children of all threads of a process. Linux."""
    found: list[int] = []
    for listing in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):  # a thread has ended meanwhile
            found += map(int, listing.read_text().split())
    return found


def open_files(process: int | str = "self") -> int:
    """Number of descriptors that a process has open. Linux."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
