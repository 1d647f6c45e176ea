"""Imports a command only when it is called, since all the others would cost time."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from segcam import intact
from segcam.cli.help import Command, Group
from segcam.errors import MissingDependency

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("live:run", "Hide the room behind you and offer the result as a camera."),
    "status": ("status:status", "Show what the running SegCam does and who is watching."),
    "start": ("control:start", "Start SegCam in the background."),
    "stop": ("control:stop", "Stop the running SegCam."),
    "restart": ("control:restart", "Stop the running SegCam and start it in the background."),
    "pause": ("control:pause", "Turn the camera off."),
    "resume": ("control:resume", "Turn the camera on again."),
    "watch": ("watch:watch", "Watch the picture that others see, or save it to a file."),
    "autostart": ("autostart:autostart", "Start SegCam at login: on, off, status."),
    "set": ("set:change", "Change settings of the running SegCam."),
    "render": ("files:render", "Hide the room in a clip or in pictures."),
    "matte": ("files:matte", "Write the matte of every frame of a clip or of pictures."),
    "doctor": ("doctor:doctor", "Find out why a call shows no picture, and how to fix it."),
    "setup": ("setup:setup", "Set up the virtual camera as root; asks first."),
    "bench": ("bench:bench", "Measure this machine: models, pipeline, cost, latency, power."),
    "cameras": ("lists:cameras", "List the webcams."),
    "backends": ("lists:backends", "Try every backend on this machine."),
    "preset": ("presets:preset", "Named groups of settings: list, save, use, remove."),
    "background": ("backgrounds:background", "The library of backgrounds: list, add, remove."),
    "config": ("config:config", "Show or edit the settings file."),
    "models": ("lists:models", "Published models: list, get, verify."),
}
"""The module of each command in ``segcam.cli``, and its help in one line."""
LOADING = {
    "run",
    "watch",
    "render",
    "matte",
    "bench",
    "cameras",
    "backends",
    "background",
    "models",
}
"""Commands that load libraries which would end the process if they were truncated."""


class LazyGroup(Group):
    """The commands of `COMMANDS`; one that is not called has only its name and line of help."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The called command, complete."""
        name, command, rest = super().resolve_command(ctx, args)
        damage = intact.complaint(intact.PICTURE) if name in LOADING else None
        if damage is not None:
            title, cure = damage
            raise MissingDependency(title, "", f"Cure: {cure}")
        return name, build(name) if name and name in COMMANDS else command, rest


def build(name: str) -> click.Command:
    """A command with all its options."""
    module, attribute = COMMANDS[name][0].split(":")
    command: click.Command = getattr(import_module(f"segcam.cli.{module}"), attribute)
    command.name = name
    return command


def listed() -> dict[str, click.Command]:
    """All commands with only their names and lines of help."""
    return {name: Command(name, help=line) for name, (_, line) in COMMANDS.items()}
