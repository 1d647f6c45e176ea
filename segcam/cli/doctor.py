"""``segcam doctor``: finds every reason why a call has no picture, with its cure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.screen import Spinner, print_json, print_marked, say

if TYPE_CHECKING:
    from segcam.doctor.base import Finding

COLORS = {"ok": "green", "note": "yellow", "fault": "red"}


def doctor(
    json: options.Json = False,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a report for others, without your names."),
    ] = None,
) -> None:
    """Look for every reason why a call has no picture, and tell its cure. Exit code 1: a fault."""
    from segcam.doctor.report import as_dict, findings, write_bundle

    with Spinner("Looking"):
        found = list(findings())
    if bundle is not None:
        write_bundle(bundle, found)
        say(f"Written: {bundle}. Read it before you pass it on.")
    elif json:
        print_json(as_dict(found))
    else:
        _tell(found)
    if any(finding.state == "fault" for finding in found):
        raise typer.Exit(1)


def _tell(found: list[Finding]) -> None:
    for finding in found:
        print_marked(f"{finding.state:5}", finding.title, COLORS[finding.state])
        if finding.state != "ok":
            for text in filter(None, (finding.why, finding.cure and f"Cure: {finding.cure}")):
                print_marked(" " * 5, text)
    faults = sum(finding.state == "fault" for finding in found)
    say(f"{faults} faults." if faults != 1 else "1 fault.")
