"""``segcam setup``: applies the cures that need no decision."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click

from segcam.cli.help import Command
from segcam.cli.screen import say
from segcam.errors import SegCamError, UsageError

if TYPE_CHECKING:
    from segcam.doctor.base import Machine
    from segcam.doctor.setup import Step

REFUSALS = {
    126: ("The question for the password was closed", "Try again, and enter the password"),
    127: (
        "The system did not let you be root",
        "Run in a terminal: segcam setup. Or ask whoever administers this computer",
    ),
}
"""Statuses of pkexec itself: cause and cure."""


@click.command(cls=Command)
@click.option("--undo", is_flag=True, help="Undo what this command has written and loaded.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask first.")
@click.option("--show", is_flag=True, help="Only show what would be done.")
def setup(undo: bool, yes: bool, show: bool) -> None:
    """Set up the virtual camera: the kernel module, its options, your groups. Asks first."""
    from segcam.doctor.base import Machine
    from segcam.doctor.setup import left_to_the_user, steps, undoing

    if sys.platform != "linux":
        raise UsageError(
            "segcam setup is only needed on Linux", "", "See the installation page for your system"
        )
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
        say(f"You still need to: {text}")


def _do(todo: list[Step], machine: Machine, *, yes: bool) -> None:
    """Run the steps as root, after the user has agreed."""
    from segcam.doctor.setup import command_for, users_of_the_module

    if users := users_of_the_module(todo, machine):
        raise SegCamError(
            "The camera is in use, so its module cannot be replaced",
            f"{', '.join(users)} is using it",
            "Close these programs (SegCam: segcam stop), then try again",
        )
    if not (yes or click.confirm("Do this as root?")):
        raise click.exceptions.Exit(1)
    run_as_root(command_for(todo, machine))
    say("Done. To check it: segcam doctor")


def run_as_root(command: list[str]) -> None:
    """Run a command that becomes root by itself, and pass on what it says on stderr.

    Raises:
        SegCamError: It failed; its last line is the cause. Or the user did not become root.
    """
    last = ""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as running:
        assert running.stderr is not None
        for line in running.stderr:
            sys.stderr.write(line)
            last = line.strip() or last
    status = running.returncode
    if status and command[0] == "pkexec" and status in REFUSALS:
        raise SegCamError("Nothing was changed", *REFUSALS[status])
    if status:
        cause = last or f"The command exited with status {status}"
        raise SegCamError("Not everything could be done", cause, "Run: segcam doctor")
