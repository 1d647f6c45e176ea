"""``segcam doctor``: finds every reason why a call has no picture, with its cure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Command
from segcam.cli.screen import Spinner, print_json, print_marked, say

if TYPE_CHECKING:
    from segcam.doctor.base import Finding

COLORS = {"ok": "green", "note": "yellow", "fault": "red"}


@click.command(cls=Command)
@options.json
@click.option(
    "--bundle",
    type=options.a_path(),
    metavar="FILE",
    help="Save a report that you can share; it does not contain your user name.",
)
def doctor(json: bool, bundle: Path | None) -> None:
    """Find out why a call shows no picture, and how to fix it. Exit code 1: something is wrong."""
    from segcam.doctor.report import as_dict, findings, write_bundle

    with Spinner("Checking"):
        found = list(findings())
    if bundle is not None:
        write_bundle(bundle, found)
        say(f"Saved {bundle}. Read it before you share it.")
    elif json:
        print_json(as_dict(found))
    else:
        _tell(found)
    if any(finding.state == "fault" for finding in found):
        raise click.exceptions.Exit(1)


def _tell(found: list[Finding]) -> None:
    for finding in found:
        print_marked(f"{finding.state:5}", finding.title, COLORS[finding.state])
        if finding.state != "ok":
            for text in filter(None, (finding.why, finding.cure and f"Cure: {finding.cure}")):
                print_marked(" " * 5, text)
    faults = sum(finding.state == "fault" for finding in found)
    say(f"{faults} faults." if faults != 1 else "1 fault.")
