"""Imports and builds a command only when it is called, since all the others would cost time."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from segcam import intact
from segcam.cli.help import PLAIN, Command, Group
from segcam.errors import MissingDependency

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("live:run", "Hide the room behind you, and offer the result as a camera."),
    "status": ("status:status", "Tell what the running SegCam does, and who watches."),
    "start": ("control:start", "Start SegCam in the background."),
    "stop": ("control:stop", "End the running SegCam."),
    "restart": ("control:restart", "End the running SegCam and start it in the background."),
    "pause": ("control:pause", "Switch the camera off."),
    "resume": ("control:resume", "Let the camera go on after a pause."),
    "watch": ("watch:watch", "Watch the picture that others see, or write it into a file."),
    "autostart": ("autostart:autostart", "Start SegCam at login: on, off, status."),
    "set": ("set:change", "Change what the running SegCam does."),
    "render": ("files:render", "Hide the room in a clip or pictures."),
    "matte": ("files:matte", "Write the matte of every frame of a clip or pictures."),
    "doctor": ("doctor:doctor", "Find every reason why a call has no picture, and its cure."),
    "setup": ("setup:setup", "Set up the virtual camera, as root, after asking."),
    "bench": ("bench:bench", "Measure this machine: models, pipeline, cost, latency, power."),
    "cameras": ("lists:cameras", "List the webcams."),
    "backends": ("lists:backends", "Try every backend on this machine."),
    "preset": ("presets:preset", "Named parts of the settings: list, save, use, remove."),
    "background": ("backgrounds:background", "The library of backgrounds: list, add, remove."),
    "config": ("config:config", "The file of settings: where it is, and what holds."),
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

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_, line) in COMMANDS.items():
            self.commands[name] = Command(name, help=line)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The called command, complete."""
        name, command, rest = super().resolve_command(ctx, args)
        damage = intact.complaint(intact.PICTURE) if name in LOADING else None
        if damage is not None:
            title, cure = damage
            raise MissingDependency(title, "", f"Cure: {cure}")
        return name, build(name) if name and name in COMMANDS else command, rest


def build(name: str) -> Any:
    """A command with all its options."""
    module, attribute = COMMANDS[name][0].split(":")
    found = getattr(import_module(f"segcam.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, **PLAIN)
        alone.command(name, cls=Command)(found)
        found = alone
    command = get_command(found)
    command.name = name
    return command
