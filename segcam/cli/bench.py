"""``segcam bench``: figures for this machine."""

from __future__ import annotations

import json as plain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.screen import Spinner, print_json, print_table, say
from segcam.errors import UsageError

if TYPE_CHECKING:
    from segcam.bench.run import Figures

PARTS = ("models", "systems", "job", "unwatched", "scaling", "memory")
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PART", help=f"One of {', '.join(PARTS)}; may be repeated."),
]


def bench(
    *,
    json: options.Json = False,
    only: Only = None,
    clips: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Clips to measure with, instead of the demo."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the figures into an SVG file.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Compare with the --json of an earlier run."),
    ] = None,
    margin: Annotated[
        float,
        typer.Option(min=0, help="With --against: exit code 1 where a figure is worse by more."),
    ] = 0.25,
    seconds: Annotated[
        float, typer.Option(min=1, max=600, help="Of each measurement in real time.")
    ] = 10.0,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="Of the main job; means are shown.")
    ] = 1,
) -> None:
    """Measure this machine: models, pipeline, cost, latency, power; four minutes by default."""
    from segcam.bench.run import Bench, measure

    before = _kept(against)
    parts = _parts(only)
    _fetch_models(parts)
    with Spinner("Measuring") as waiting:
        figures = measure(Bench(clips, seconds, rounds), parts, waiting.tell)
    if plot is not None:
        _draw(figures, plot)
    if json:
        print_json(figures)
    else:
        _print(figures)
    if before is not None and _is_worse(before, figures, margin, not json):
        raise typer.Exit(1)


def _parts(only: list[str] | None) -> list[str]:
    unknown = [part for part in only or () if part not in PARTS]
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
        raise UsageError(f"{path} cannot be compared with", str(error)) from error
    if not isinstance(figures, dict) or "machine" not in figures:
        raise UsageError(
            f"{path} is of no earlier run", "", "Make one: segcam bench --json > before.json"
        )
    return figures


def _draw(figures: Figures, path: Path) -> None:
    from segcam.bench.chart import draw

    try:
        path.write_text(draw(figures), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written", str(error)) from error
    say(f"Drawn: {path}")


def _print(figures: Figures) -> None:
    from segcam.bench.tables import tables

    machine = figures["machine"]
    say(f"{machine['processors']} processors, {machine['processor']}; SegCam {machine['segcam']}")
    for table in tables(figures):
        typer.echo(f"\n{table.title}")
        print_table(table.columns, table.rows)


def _is_worse(before: Figures, now: Figures, margin: float, shows: bool) -> bool:
    from segcam.bench.compare import changes, worse_than

    found = list(changes(before, now))
    if shows:
        rows = [(c.name, f"{c.before:.3g}", f"{c.now:.3g}", f"{c.worse:+.0%}") for c in found]
        print_table(("Figure", "Before", "Now", "Worse by"), rows)
    bad = worse_than(found, margin)
    for change in bad:
        say(
            f"Worse by {change.worse:.0%}, {change.name}: {change.before:.3g}, now {change.now:.3g}"
        )
    return bool(bad)
