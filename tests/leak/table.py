"""Prints the table of docs/privacy.md, or writes it there: ``table.py [FILE]``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from leak.cases import CASES
from leak.play import Result, protected, unprotected
from leak.scenes import Case

BEGIN, END = "<!-- leaks: made by make leak-table -->", "<!-- leaks end -->"
TITLES = (
    "what happens",
    "frames seen",
    "leaks",
    "placeholder after, s",
    "live again after, s",
    "leaks without protection",
)
HEAD = (f"| {' | '.join(TITLES)} |", "|---|--:|--:|--:|--:|--:|")


def rows() -> Iterator[str]:
    """Plays every case to both loops; one line each."""
    for case in CASES:
        yield _row(case, protected(case), unprotected(case))


def write(path: Path, lines: list[str]) -> None:
    """Put the table between the two marks in ``path``."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text("\n".join([before + BEGIN, *lines, END + after]), encoding="utf-8")


def _row(case: Case, safe: Result, bare: Result) -> str:
    cells = (
        case.name,
        safe.frames,
        safe.leaks,
        _seconds(safe.placeholder_s),
        _seconds(safe.live_s),
        f"{bare.leaks_since} of {bare.frames}",
    )
    line = f"| {' | '.join(map(str, cells))} |"
    print(line, file=sys.stderr, flush=True)
    return line


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    table = [*HEAD, *rows()]
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]), table)
    else:
        print("\n".join(table))
