"""``segcam bench``: figures for this machine."""

from __future__ import annotations

import json as plain
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Command
from segcam.cli.screen import Spinner, print_json, print_table, say
from segcam.errors import UsageError

if TYPE_CHECKING:
    from segcam.bench.run import Figures

PARTS = ("models", "systems", "job", "unwatched", "scaling", "memory")


@click.command(cls=Command)
@options.json
@click.option(
    "--only",
    multiple=True,
    metavar="PART",
    help=f"One of {', '.join(PARTS)}; may be given more than once.",
)
@click.option(
    "--clips",
    type=options.a_path(),
    metavar="FOLDER",
    help="Clips to measure with, instead of the demo.",
)
@click.option(
    "--plot", type=options.a_path(), metavar="FILE", help="Draw the results as an SVG file."
)
@click.option(
    "--against",
    type=options.a_path(),
    metavar="FILE",
    help="Compare with the --json output of an earlier run.",
)
@click.option(
    "--margin",
    type=click.FloatRange(min=0),
    default=0.25,
    show_default=True,
    help="With --against: exit code 1 if a figure is worse by more than this.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 600),
    default=10.0,
    show_default=True,
    help="Length of each measurement in real time.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Repetitions of the main measurement; the mean is shown.",
)
def bench(
    *,
    json: bool,
    only: tuple[str, ...],
    clips: Path | None,
    plot: Path | None,
    against: Path | None,
    margin: float,
    seconds: float,
    rounds: int,
) -> None:
    """Measure this machine: models, pipeline, cost, latency, power. Takes about four minutes."""
    from segcam.bench.run import Bench, measure

    before = _kept(against)
    if plot is not None:
        _check_place(plot)
    parts = _parts(only)
    _fetch_models(parts)
    with Spinner("Measuring") as waiting:
        figures = measure(Bench(clips, seconds, rounds), parts, waiting.tell)
    if json:
        print_json(figures)
    else:
        _print(figures)
    if plot is not None:
        _draw(figures, plot)
    if before is not None and _is_worse(before, figures, margin, not json):
        raise click.exceptions.Exit(1)


def _parts(only: Sequence[str]) -> list[str]:
    unknown = [part for part in only if part not in PARTS]
    if unknown:
        raise UsageError(f"There is no part {unknown[0]}", "", f"Use one of {', '.join(PARTS)}")
    return [part for part in PARTS if not only or part in only]


def _fetch_models(parts: list[str]) -> None:
    """Download the models of these parts if they are missing."""
    from segcam.cli import fetch
    from segcam.zoo.library import DEFAULT, cards

    for name in cards() if {"models", "systems"} & set(parts) else (DEFAULT,):
        fetch.fetch(name)


def _kept(path: Path | None) -> Figures | None:
    if path is None:
        return None
    try:
        figures = plain.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read", str(error)) from error
    if not isinstance(figures, dict) or "machine" not in figures:
        raise UsageError(
            f"{path} is not the output of an earlier run",
            "",
            "To make one: segcam bench --json > before.json",
        )
    return figures


def _check_place(path: Path) -> None:
    """Refuse a file that cannot be written, before the measurements take minutes."""
    found = path if path.exists() else path.parent
    if path.is_dir() or not found.exists() or not os.access(found, os.W_OK):
        reason = "It is a folder" if path.is_dir() else "You may not write there"
        raise UsageError(
            f"{path} cannot be written",
            reason if found.exists() else f"There is no folder {path.parent}",
            "Name a file in a folder of yours: --plot bench.svg",
        )


def _draw(figures: Figures, path: Path) -> None:
    from segcam.bench.chart import draw

    try:
        path.write_text(draw(figures), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written", str(error)) from error
    say(f"Saved {path}")


def _print(figures: Figures) -> None:
    from segcam.bench.tables import tables

    machine = figures["machine"]
    say(f"{machine['processors']} processors, {machine['processor']}; SegCam {machine['segcam']}")
    for table in tables(figures):
        click.echo(f"\n{table.title}")
        print_table(table.columns, table.rows)


def _is_worse(before: Figures, now: Figures, margin: float, shows: bool) -> bool:
    from segcam.bench.compare import changes, worse_than

    found = list(changes(before, now))
    if not found:
        say("Nothing can be compared: other parts were measured, or times of another machine.")
    elif shows:
        rows = [(c.name, f"{c.before:.3g}", f"{c.now:.3g}", f"{c.worse:+.0%}") for c in found]
        print_table(("Figure", "Before", "Now", "Worse by"), rows)
    bad = worse_than(found, margin)
    for change in bad:
        say(
            f"Worse by {change.worse:.0%}: {change.name}, {change.before:.3g}, now {change.now:.3g}"
        )
    return bool(bad)
