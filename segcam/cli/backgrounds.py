"""``segcam background``: the library of backgrounds."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from segcam.cli import options
from segcam.cli.help import Group
from segcam.cli.screen import print_json, print_table, say

TELL_S = 1.0
"""A SegCam that does not answer within this time prepares nothing."""


@click.group(cls=Group, help="The library of backgrounds: list, add, remove.")
def background() -> None:
    """Take no options."""


@background.command("list")
@options.json
def list_backgrounds(json: bool) -> None:
    """List the backgrounds: those that come with SegCam and your own."""
    from segcam.backgrounds import entries, library_folder

    found = entries()
    _tell_running()
    if json:
        print_json([entry.as_dict() for entry in found])
        return
    rows = [(e.id, e.title, e.kind, "SegCam" if e.bundled else "you") for e in found]
    print_table(("Name", "Title", "Kind", "From"), rows)
    say(f"Choose one: segcam set --background NAME. Yours are in {library_folder()}.")


@background.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=options.a_path(),
    metavar="FILE...",
    help="Pictures or videos to copy.",
)
def add(files: tuple[Path, ...]) -> None:
    """Copy pictures or videos into the library; no file there is overwritten."""
    from segcam.pipeline.library import add_background

    for file in files:
        entry = add_background(file)
        say(f"Added. Use it: segcam set --background '{entry.id}'")
    _tell_running()


@background.command()
@click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", help="Names from: segcam background list."
)
def remove(names: tuple[str, ...]) -> None:
    """Delete your own backgrounds."""
    from segcam.pipeline.library import remove_background

    for name in names:
        remove_background(name)
        say(f"Removed {name}.")


def _tell_running() -> None:
    """Let a running SegCam prepare new pictures for its camera's size. Never fails."""
    from segcam.api import client, messages
    from segcam.errors import SegCamError

    with suppress(SegCamError):
        client.request(messages.BACKGROUNDS, which=client.find(), timeout_s=TELL_S)
