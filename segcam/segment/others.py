"""How busy other programs keep the processors, which makes times wrong. Known on Linux only."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

BUSY = 0.25
"""If other programs use more than this share of all processors, a measurement is doubtful."""
IDLE = 0.1
"""Below this share a doubtful measurement is worth repeating."""
_NOT_BUSY = (3, 4)
"""Columns of /proc/stat: idle, and waiting for a disk. See proc(5)."""
_COUNTED = 8
"""The columns after these repeat time of guests, which is part of the others."""


class Others:
    """What other programs use between two questions.

    Args:
        root: Where ``proc`` is.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._file = root / "proc/stat"
        self._before = self._now()

    def share(self) -> float:
        """Share of all processors since the last call or the start, without this process, 0..1.

        Includes time that a virtual machine's host took away. 0.0 if unknown.
        """
        before, self._before = self._before, self._now()
        busy_s, all_s, own_s = (now - old for now, old in zip(self._before, before, strict=True))
        return min(1.0, max(0.0, (busy_s - own_s) / all_s)) if all_s > 0 else 0.0

    def _now(self) -> tuple[float, float, float]:
        """Seconds of all processors so far: busy, in all, and used by this process."""
        if sys.platform == "win32":
            return 0.0, 0.0, 0.0
        try:
            line = self._file.read_text(encoding="ascii").partition("\n")[0]
            ticks = [int(each) for each in line.split()[1 : 1 + _COUNTED]]
            idle = sum(ticks[column] for column in _NOT_BUSY)
        except (OSError, ValueError, IndexError):
            return 0.0, 0.0, 0.0
        hertz = os.sysconf("SC_CLK_TCK")
        return (sum(ticks) - idle) / hertz, sum(ticks) / hertz, time.process_time()
