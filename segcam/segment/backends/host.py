"""What the runtimes have in common as guests of this process."""

from __future__ import annotations

import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)


@contextmanager
def quiet_stderr(runtime: str) -> Iterator[None]:
    """Send what native code prints on file descriptor 2 to the log, at level DEBUG.

    Runtimes greet the user on stderr and have no switch for it. The descriptor belongs to the
    whole process, so this wraps loading only, never a frame.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as said:
        screen = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)
            said.seek(0)
            for line in said.read().decode(errors="replace").splitlines():
                log.debug("%s: %s", runtime, line)


@cache
def cpu_name() -> str:
    """The processor's own name, or its architecture where the system does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
