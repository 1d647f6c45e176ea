"""Helpers for running a runtime in this process."""

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
from typing import IO

log = logging.getLogger(__name__)


@contextmanager
def quiet(runtime: str) -> Iterator[list[str]]:
    """Send a runtime's output to the log, at level DEBUG.

    Runtimes print to stdout and stderr, also from native code, and offer no way to stop that. The
    descriptors belong to the whole process, so use this only for loading, never for a frame.

    Yields:
        The lines, filled when the context ends.
    """
    lines: list[str] = []
    sys.stdout.flush()
    sys.stderr.flush()
    with _nameless_file() as said:
        screens = [(number, os.dup(number)) for number in (1, 2)]
        for number, _ in screens:
            os.dup2(said.fileno(), number)
        try:
            yield lines
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, screen in screens:
                os.dup2(screen, number)
                os.close(screen)
            said.seek(0)
            lines += said.read().decode(errors="replace").splitlines()
            for line in lines:
                log.debug("%s: %s", runtime, line)


def _nameless_file() -> IO[bytes]:
    """In memory if the system supports it, so that a full /tmp does not prevent loading."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("said"), "w+b")
    return tempfile.TemporaryFile()


@cache
def cpu_name() -> str:
    """The processor's name, or its architecture if the system does not give the name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
