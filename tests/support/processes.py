"""The segcam program, and facts about processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from support.waiting import LIMIT_S

SEGCAM = Path(sys.executable).parent / "segcam"
"""The command that users run."""


def children(parent: int | str = "self") -> list[int]:
    """Process ids of the children of all threads of a process. Linux."""
    found: list[int] = []
    for listing in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            found += map(int, listing.read_text().split())
    return found


def open_files(process: int | str = "self") -> int:
    """Number of descriptors that a process has open. Linux."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def bus_address(path: Path) -> str:
    """The address of a bus whose socket is there, whatever characters its path has."""
    return f"unix:path={quote(os.fspath(path))}"


def read_until(process: subprocess.Popen[str], words: str, limit_s: float = LIMIT_S) -> str:
    """What a program says on stderr, up to the line with these words; killed if it is late."""
    assert process.stderr is not None
    late, said = threading.Timer(limit_s, process.kill), ""
    late.start()
    try:
        while words not in said:
            line = process.stderr.readline()
            assert line, f"it ended without {words!r}: {said}"
            said += line
    finally:
        late.cancel()
    return said


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end, and wait until it has."""
    process.terminate()
    process.wait(LIMIT_S)


def end_all_of(folder: Path) -> None:
    """Kill every visible program with this runtime folder. Linux."""
    own = f"XDG_RUNTIME_DIR={folder}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # another user's, or it has ended meanwhile
            if own in environment.read_bytes().split(b"\0"):
                os.kill(int(environment.parent.name), signal.SIGKILL)
