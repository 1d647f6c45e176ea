"""Output of commands: messages to stderr, results to stdout.

rich is imported only for drawing: it would add a quarter to the time of ``segcam status``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from segcam.errors import SegCamError
from segcam.text import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.status import Status
    from rich.text import Text

    from segcam.pipeline.stats import Stats


@cache
def console(name: str) -> Console:
    """The console of rich: ``out`` is stdout, ``err`` stderr."""
    from rich.console import Console

    return Console(stderr=name == "err", highlight=False)


def say(text: str) -> None:
    """Print a message for the user on stderr."""
    _tell(visible(text))


def complain(error: SegCamError) -> None:
    """Print an error: one paragraph with its cure."""
    _tell(f"{styled('Error:', fg='red', bold=True)} {visible(str(error))}")


def print_json(value: Any) -> None:
    """Print plain values as JSON on stdout."""
    click.echo(json.dumps(value, indent=2))


def print_counters(stats: Stats) -> None:
    """Print a pipeline's counters in one line on stderr."""
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
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(visible(cell)) for cell in row))
    console("out").print(table)


def print_marked(mark: str, text: str, color: str | None = None) -> None:
    """Print a short mark, coloured on a terminal, and a text on stdout."""
    click.echo(f"{styled(mark, fg=color)} {visible(text)}")


def print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values on stdout, one pair a line."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        click.echo(f"{styled(name.ljust(width), bold=True)}  {visible(value)}")


def progress() -> Progress:
    """A progress bar on stderr, for work that may take longer than a second."""
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
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console("err"),
    )


class Spinner:
    """A text with a spinner, on a terminal; ``with spinner:`` shows it.

    Without a terminal it shows nothing, and does not import rich, which takes 0.04 s.
    """

    def __init__(self, text: str) -> None:
        self._status: Status | None = None
        if sys.stderr.isatty():
            self._status = console("err").status(_literal(text))

    def __enter__(self) -> Spinner:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tell(self, text: str) -> None:
        """Show another text, which may be untrusted. From any thread."""
        if self._status is not None:
            self._status.update(_literal(text))

    def stop(self) -> None:
        """Stop showing it. May be called twice."""
        if self._status is not None:
            self._status.stop()


def _literal(text: str) -> Text:
    """Text without markup."""
    from rich.text import Text

    return Text(visible(text))


def _tell(text: str) -> None:
    """Print one line on stderr, above an active spinner or bar."""
    if console.cache_info().currsize:
        from rich.text import Text

        console("err").print(Text.from_ansi(text), soft_wrap=True)
    else:
        click.echo(text, err=True)


def styled(text: str, **style: Any) -> str:
    """Text for a terminal; its style is removed if it goes to a file."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else click.style(text, **style)
