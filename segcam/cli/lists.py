"""``segcam cameras``, ``segcam backends`` and ``segcam models``: lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.fetch import fetch, fetch_segmenter
from segcam.cli.help import Command, Group
from segcam.cli.screen import Spinner, print_json, print_table, say

if TYPE_CHECKING:
    from segcam.model_card import ModelCard


@click.group(cls=Group, help="Published models: list, get, verify.")
def models() -> None:
    """Take no options."""


@click.command(cls=Command)
@options.json
def cameras(json: bool) -> None:
    """List the webcams."""
    from segcam.daemon.lists import cameras as listed

    found = listed()
    if json:
        print_json(found)
        return
    if not found:
        say("There is no webcam that you may open. Plug one in, or use --camera demo or a clip.")
        return
    rows = [
        (
            str(each["index"]),
            each["name"],
            each["by_id"] or each["path"],
            each["driver"],
            ", ".join(each["formats"]),
        )
        for each in found
    ]
    print_table(("Index", "Name", "Path", "Driver", "Formats"), rows)


@click.command(cls=Command)
@options.with_settings(("model", "threads"))
@options.json
def backends(given: options.Given, json: bool) -> None:
    """Try every backend on this machine: which ones run, how fast, and what the others need."""
    from segcam.segment.choose import probe_all
    from segcam.segment.rank import rank
    from segcam.zoo.library import path_for

    settings = options.complete(given)
    card, path = fetch_segmenter(settings.model)
    with Spinner("Trying the backends"):
        results = list(
            probe_all(card, lambda wanted: path_for(card, path, wanted), settings.threads)
        )
    if json:
        print_json([result.as_dict() for result in results])
        return
    rows = [
        (
            result.name,
            f"{result.median_ms:.2f}" if result.median_ms is not None else "",
            f"{result.cpu_ms:.2f}" if result.cpu_ms is not None else "",
            result.device if result.usable else f"{result.reason}. {result.hint}",
        )
        for result in results
    ]
    print_table(("Backend", "ms", "CPU ms", "Device, or what is missing"), rows)
    best, cheapest = (rank(results, battery)[0].name for battery in (False, True))
    say(f"--backend auto uses {best}, on battery {cheapest}.")
    if any(result.busy for result in results):
        say("Other programs kept the processors busy meanwhile, so these times may be wrong.")


@models.command("list")
@options.json
def list_models(json: bool) -> None:
    """List the published models."""
    from segcam.daemon.lists import models as published

    found = published()
    if json:
        print_json(found)
        return
    rows = [
        (
            each["name"],
            "yes" if each["present"] else "no",
            each["role"],
            each["size"],
            each["licence"],
            each["purpose"] or each["title"],
        )
        for each in found
    ]
    print_table(("Name", "Downloaded", "Role", "Input", "Licence", "For"), rows)


@models.command()
@click.argument("name", metavar="NAME", help="A published model.")
@options.json
def get(name: str, json: bool) -> None:
    """Download a model if it is missing, and verify it."""
    _report([fetch(name, asked=True)], json)


@models.command("verify")
@click.argument("name", required=False, metavar="[NAME]", help="Default: all.")
@options.json
def verify_models(name: str | None, json: bool) -> None:
    """Check the models against the checksums in their model cards."""
    from segcam.zoo.library import cards, find, optional

    here = [each for each in optional() if find(each)[1].exists()]
    _report([find(each) for each in ([name] if name else [*cards(), *here])], json)


def _report(found: list[tuple[ModelCard, Path]], json: bool) -> None:
    """Verify models and print their paths."""
    from segcam.zoo.library import verify

    for card, path in found:
        verify(card, path)
    if json:
        print_json([{"name": c.name, "path": str(p), "sha256": c.sha256} for c, p in found])
        return
    print_table(("Name", "SHA-256", "Path"), [(c.name, c.sha256[:12], str(p)) for c, p in found])
