"""``segcam setup``: applies the cures that need no decision."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli.screen import say
from segcam.errors import SegCamError, UsageError

if TYPE_CHECKING:
    from segcam.doctor.base import Machine
    from segcam.doctor.setup import Step


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
    from segcam.doctor.setup import left_to_the_user, steps, undoing

    if sys.platform != "linux":
        raise UsageError("Only Linux needs this", "", "See the installation page for your system")
    machine = Machine()
    todo = undoing(machine) if undo else steps(machine)
    later = [] if undo else left_to_the_user(machine)
    if not todo and not later:
        say("There is nothing to do.")
    for step in todo:
        say(f"{step.title}: {step.command}" if show else f"{step.title}.")
    if todo and not show:
        _do(todo, machine, yes=yes)
    for text in later:
        say(f"Left to you: {text}")


def _do(todo: list[Step], machine: Machine, *, yes: bool) -> None:
    """Run the steps as root, after the user has agreed."""
    from segcam.doctor.setup import command_for, users_of_the_module

    if users := users_of_the_module(todo, machine):
        raise SegCamError(
            "The camera is in use, so its module cannot be exchanged",
            f"By {', '.join(users)}",
            "End these programs, SegCam with: segcam stop. Then try again",
        )
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
