"""What commands print: messages to stderr, results to stdout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from segcam.errors import SegCamError
from segcam.text import visible

if TYPE_CHECKING:
    from rich.progress import Progress

    from segcam.pipeline.stats import Stats

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Tell the person something, on stderr."""
    err.print(escape(visible(text)), soft_wrap=True)


def complain(error: SegCamError) -> None:
    """Tell of an error: one paragraph with its cure."""
    err.print(f"[bold red]Error:[/] {escape(visible(str(error)))}", soft_wrap=True)


def print_json(value: Any) -> None:
    """Print plain values as JSON on stdout."""
    out.print(json.dumps(value, indent=2), soft_wrap=True, markup=False)


def print_counters(stats: Stats) -> None:
    """Print where a pipeline stands, in one line on stderr."""
    now = stats.snapshot()
    stages = ", ".join(
        f"{name} {times['p50']:.1f}/{times['p95']:.1f}" for name, times in now["stages_ms"].items()
    )
    say(
        f"captured {now['captured']} dropped {now['dropped']} repeated {now['repeated']} "
        f"hidden {now['hidden']} reused {now['reused']} sent {now['sent']} | ms p50/p95: {stages}"
    )


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(visible(cell)) for cell in row))
    out.print(table)


def print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values on stdout, one pair a line."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        out.print(f"[bold]{escape(name.ljust(width))}[/]  {escape(visible(value))}", soft_wrap=True)


def progress() -> Progress:
    """A progress bar on stderr, for anything that may take longer than a second."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
    )
