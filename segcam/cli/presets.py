"""``segcam preset``: named groups of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from segcam.cli import options
from segcam.cli.help import Group
from segcam.cli.screen import print_json, print_table, say

if TYPE_CHECKING:
    from segcam.config import Config


@click.group(cls=Group, help="Named groups of settings: list, save, use, remove.")
def preset() -> None:
    """Take no options."""


title_argument = click.argument("title", metavar="PRESET", help="The preset's name.")


@preset.command("list")
@options.name
@options.json
def list_presets(name: str, json: bool) -> None:
    """List the presets and show which one is active."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        told = client.presets(client.find(name))
    except DaemonNotRunning:
        told = {"presets": _file(name).presets, "current": ""}
    if json:
        print_json(told)
        return
    if not told["presets"]:
        say("There are no presets. Save the current settings as one: segcam preset save NAME")
        return
    rows = [
        (title, "yes" if title == told["current"] else "", _summary(values))
        for title, values in told["presets"].items()
    ]
    print_table(("Name", "Active", "Settings"), rows)


@preset.command()
@options.with_settings(options.LIVE, defaults=False)
@title_argument
@options.name
def save(given: options.Given, title: str, name: str) -> None:
    """Save the given settings; without any, the current background, edges and mirror."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        client.save_preset(title, given or None, client.find(name))
    except DaemonNotRunning:
        from segcam.daemon.keeper import KEPT_IN_PRESETS

        file = _file(name)
        now = file.settings.as_dict()
        file.save_preset(title, given or {each: now[each] for each in KEPT_IN_PRESETS})
    say(f"Saved. Use it: segcam preset use '{title.strip()}'")


@preset.command()
@title_argument
@options.name
def use(title: str, name: str) -> None:
    """Switch to the settings of a preset."""
    from segcam.api import client
    from segcam.cli.screen import Spinner
    from segcam.errors import DaemonNotRunning

    try:
        with Spinner("Waiting for SegCam") as waiting:
            client.use_preset(title, waiting.tell, client.find(name))
        say(f"{title} is active.")
    except DaemonNotRunning:
        file = _file(name)
        file.write(file.preset(title))
        say(f"{title} will be active when SegCam starts.")


@preset.command()
@title_argument
@options.name
def remove(title: str, name: str) -> None:
    """Delete a preset; the settings stay as they are."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        client.remove_preset(title, client.find(name))
    except DaemonNotRunning:
        _file(name).remove_preset(title)
    say(f"Removed {title}.")


def _file(name: str) -> Config:
    """The settings file, read; ``segcam config`` reports unusable values."""
    from segcam.daemon.keeper import config_of

    file = config_of(name)
    file.read()
    return file


def _summary(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
