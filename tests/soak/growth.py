"""Measures this process's resources and their growth."""

from __future__ import annotations

import ctypes
import os
import statistics
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from support.processes import children

RESIDENT_TOLERANCE_MB = 3.0
"""Python's pools keep what was freed. Seen, with one arena of the C library's: 0.4 in 13 minutes,
of which libraries hold 3 kB for each pipeline that was started."""
_NAMED = ("psm_", "sem.mp-", "segcam")
"""How Python's shared memory and ours begin in /dev/shm."""


@dataclass(frozen=True, slots=True)
class Held:
    """The resources while nothing runs.

    Attributes:
        resident_mb: Memory in use, shared pages too, in 10^6 bytes.
        files: Open file descriptors.
        threads: Kernel threads, including those of libraries.
        children: Processes.
        shared: Shared mappings of this process, and named ones of anybody in /dev/shm.
    """

    resident_mb: float
    files: int
    threads: int
    children: int
    shared: int


def held_now() -> Held:
    """As the kernel counts, once the C library has given back what is free.

    Of its one arena it keeps up to 50 MB free, now more and now less: that would cover a leak, or
    pass for one.
    """
    with suppress(AttributeError):  # musl has none
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    tasks = list(Path("/proc/self/task").iterdir())
    return Held(
        resident_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        files=len(list(Path("/proc/self/fd").iterdir())) - 1,  # the one that lists them
        threads=len(tasks),
        children=len(children()),
        shared=len(_shared_mappings()) + len(_named_memory()),
    )


def own_threads() -> list[str]:
    """Names of SegCam's threads that live."""
    return [each.name for each in threading.enumerate() if each.name.startswith("segcam")]


def growth(samples: Sequence[Held]) -> list[str]:
    """What grew between the first third of the samples and the last, in words.

    Counts must not grow at all, memory by no more than the tolerance.

    Args:
        samples: Since the end of the warm-up, at least three.
    """
    third = len(samples) // 3
    early, late = samples[:third], samples[-third:]
    found = []
    for field, first, last in zip(
        fields(Held),
        zip(*map(astuple, early), strict=True),
        zip(*map(astuple, late), strict=True),
        strict=True,
    ):
        before, after = statistics.median(first), statistics.median(last)
        tolerance = RESIDENT_TOLERANCE_MB if field.name == "resident_mb" else 0
        if after - before > tolerance:
            found.append(f"{field.name} grew from {before:g} to {after:g}")
    return found


def _shared_mappings() -> list[str]:
    lines = Path("/proc/self/maps").read_text().splitlines()
    return [line for line in lines if line.split()[1].endswith("s")]


def _named_memory() -> list[str]:
    return [each.name for each in Path("/dev/shm").iterdir() if each.name.startswith(_NAMED)]
