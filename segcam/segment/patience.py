"""Time limits for other processes on a busy machine: only time that they could use counts.

A process that waits for a processor is not at fault for being late. Linux reports how long threads
have run and whether they are ready to run. Time in which they are ready but do not run is not
counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

COMPILE_S = 600.0
"""Processor time that a driver may take to compile a model: TensorRT's takes minutes, once."""
_WINDOW_S = 0.1
_COMPUTING = 0.5
"""A process computes while it uses this share of a processor or more."""
_RUNNABLE = "R"


def done_in_its_own_time(
    process: int, wait: Callable[[float], bool], spare_s: float, computing_s: float = 0.0
) -> bool:
    """Keep waiting for a late process until it has used ``spare_s`` more seconds.

    Args:
        process: Its id.
        wait: Waits that many seconds for the result; True: it is there.
        spare_s: Seconds for which it may still run or sleep.
        computing_s: Seconds of its processor time that do not count, if it computes.

    Returns:
        Whether the result came.
    """
    before = _run_s(process)
    while spare_s > 0:
        start = time.monotonic()
        if wait(_WINDOW_S):
            return True
        passed, after = time.monotonic() - start, _run_s(process)
        ran = max(0.0, after - before)
        wants = _wants_to_run(process)
        if computing_s > 0 and (wants or ran >= _COMPUTING * passed):
            computing_s -= ran
        elif wants:
            spare_s -= min(passed, ran)
        else:
            spare_s -= passed
        before = after
    return False


def _run_s(process: int) -> float:
    """Processor time of all its threads; 0.0 if unknown."""
    return sum(int(line.split()[0]) for line in _of_threads(process, "schedstat") if line) / 1e9


def _wants_to_run(process: int) -> bool:
    """Whether one of its threads runs or waits for a processor."""
    states = (line.rpartition(")")[2].split() for line in _of_threads(process, "stat"))
    return any(state[:1] == [_RUNNABLE] for state in states)


def _of_threads(process: int, name: str) -> list[str]:
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*"):
        try:
            found.append((thread / name).read_text())
        except OSError:  # it has ended
            continue
    return found
