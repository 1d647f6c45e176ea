"""``segcam background``: the library of backgrounds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segcam.cli import options
from segcam.cli.help import group
from segcam.cli.screen import print_json, print_table, say

background = group("The library of backgrounds: list, add, remove.")

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", show_default=False, help="Pictures or videos to copy."),
]
Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", show_default=False, help="As they are listed."),
]


@background.command("list")
def list_backgrounds(json: options.Json = False) -> None:
    """List the backgrounds: those that come with SegCam, and your own."""
    from segcam.backgrounds import entries, library_folder

    found = entries()
    if json:
        print_json([entry.as_dict() for entry in found])
        return
    rows = [(e.id, e.title, e.kind, "SegCam" if e.bundled else "you") for e in found]
    print_table(("Name", "Title", "Kind", "From"), rows)
    say(f"Choose one: segcam set --background NAME. Your own are in {library_folder()}.")


@background.command()
def add(files: Files) -> None:
    """Copy pictures or videos into the library; nothing there is overwritten."""
    from segcam.pipeline.library import add_background

    for file in files:
        entry = add_background(file)
        say(f"Added. Choose it: segcam set --background '{entry.id}'")


@background.command()
def remove(names: Names) -> None:
    """Delete backgrounds of your own."""
    from segcam.pipeline.library import remove_background

    for name in names:
        remove_background(name)
        say(f"Removed {name}.")
