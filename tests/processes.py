"""What the system knows of processes. Linux."""

from __future__ import annotations

from pathlib import Path


def children(parent: int | str = "self") -> list[int]:
    """Process ids of the children of all threads of a process."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(pid) for listing in tasks for pid in listing.read_text().split()]
