"""``segcam setup``: does the cures that need no thought."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from segcam.cli.screen import say
from segcam.errors import SegCamError, UsageError


def setup(
    *,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back what this command has written and loaded.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only show what would be done.")] = False,
) -> None:
    """Set up the virtual camera: kernel module, its options, your groups. Asks before it does."""
    from segcam.doctor.base import Machine
    from segcam.doctor.setup import command_for, steps, undoing

    if sys.platform != "linux":
        raise UsageError("Only Linux needs this", "", "See the installation page for your system")
    machine = Machine()
    todo = undoing(machine) if undo else steps(machine)
    if not todo:
        say("There is nothing to do.")
        return
    for step in todo:
        say(f"{step.title}: {step.command}" if show else f"{step.title}.")
    if show:
        return
    if not (yes or typer.confirm("Do this as root?")):
        raise typer.Exit(1)
    done = subprocess.run(command_for(todo, machine), check=False)
    if done.returncode:
        raise SegCamError(
            "Not all of it could be done",
            f"The command ended with status {done.returncode}",
            "Run: segcam doctor",
        )
    say("Done. Check it with: segcam doctor")
