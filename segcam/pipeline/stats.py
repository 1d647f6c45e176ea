"""Counters and timings of the pipeline."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

WINDOW = 900
"""Samples kept of each timing: half a minute at 30 frames per second."""


class Stats:
    """Counters and timings.

    One thread writes each value, except ``dropped``; any thread may read a snapshot.
    """

    def __init__(self) -> None:
        self.captured = 0
        """Frames the source delivered."""
        self.dropped = 0
        """Frames dropped on purpose: replaced by a newer one, or no free buffer. See `drop`."""
        self.repeated = 0
        """Placeholders sent because no new frame came in time."""
        self.hidden = 0
        """Frames hidden completely, because there was no valid matte."""
        self.reused = 0
        """Frames that reused an earlier matte, because nothing had moved."""
        self.sent = 0
        """Frames that the sink received and did not lose, including placeholders."""
        self.fallbacks = 0
        """How often the next backend took over."""
        self._started_ns = time.monotonic_ns()
        self._started_cpu_ns = processor_ns()
        self._timings: dict[str, deque[int]] = {}
        self._dropping = threading.Lock()

    def drop(self) -> None:
        """Count one dropped frame. From any thread: two slots and the pool call it."""
        with self._dropping:
            self.dropped += 1

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time a ``with`` block as one sample of ``stage``."""
        start = time.perf_counter_ns()
        yield
        self.add(stage, time.perf_counter_ns() - start)

    def add(self, stage: str, duration_ns: int) -> None:
        """Record one sample of ``stage``."""
        self._timings.setdefault(stage, deque(maxlen=WINDOW)).append(duration_ns)

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain JSON values: counters, rates, p50, p95 and mean per stage in ms."""
        elapsed_s = (time.monotonic_ns() - self._started_ns) / 1e9
        cpu_s = (processor_ns() - self._started_cpu_ns) / 1e9
        return {
            "elapsed_s": round(elapsed_s, 3),
            "captured": self.captured,
            "dropped": self.dropped,
            "repeated": self.repeated,
            "hidden": self.hidden,
            "reused": self.reused,
            "sent": self.sent,
            "fallbacks": self.fallbacks,
            "sent_hz": round(self.sent / elapsed_s, 2) if elapsed_s else 0.0,
            "cpu_ms_per_frame": round(cpu_s * 1e3 / self.sent, 2) if self.sent else 0.0,
            "stages_ms": {stage: _summary(list(d)) for stage, d in list(self._timings.items())},
        }


def processor_ns() -> int:
    """Processor time of this process and its children (such as a backend), including ended ones."""
    times = os.times()
    ended_ns = round((times.children_user + times.children_system) * 1e9)
    return time.process_time_ns() + ended_ns + sum(map(_cpu_of_ns, _children()))


def _children() -> Iterator[int]:
    """Ids of the running children; empty except on Linux."""
    for each in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):  # a thread has ended meanwhile
            yield from map(int, each.read_text(encoding="ascii").split())


def _cpu_of_ns(pid: int) -> int:
    if sys.platform == "win32":
        return 0
    try:
        return time.clock_gettime_ns(~pid << 3 | 2)  # as clock_getcpuclockid(3) makes the number
    except OSError:  # it has ended meanwhile
        return 0


def _summary(durations_ns: list[int]) -> dict[str, float]:
    p50, p95 = np.percentile(durations_ns, (50, 95)) / 1e6
    mean = np.mean(durations_ns) / 1e6
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3), "mean": round(float(mean), 3)}
