"""``segcam preset``: named groups of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segcam.cli import options
from segcam.cli.help import group
from segcam.cli.screen import print_json, print_table, say

if TYPE_CHECKING:
    from segcam.config import Config

preset = group("Named parts of the settings: list, save, use, remove.")

Title = Annotated[
    str, typer.Argument(metavar="PRESET", show_default=False, help="The preset's name.")
]


@preset.command("list")
def list_presets(*, name: options.Name = None, json: options.Json = False) -> None:
    """List the presets, and which one is at work."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        told = client.presets(client.find(name or ""))
    except DaemonNotRunning:
        told = {"presets": _file(name).presets, "current": ""}
    if json:
        print_json(told)
        return
    if not told["presets"]:
        say("There are none. Save the present settings: segcam preset save NAME")
        return
    rows = [
        (title, "yes" if title == told["current"] else "", _summary(values))
        for title, values in told["presets"].items()
    ]
    print_table(("Name", "At work", "Settings"), rows)


@preset.command()
@options.with_settings(options.LIVE, defaults=False)
def save(given: options.Given, title: Title, *, name: options.Name = None) -> None:
    """Keep the given settings under a name; without any, background, edges and mirror as now."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        client.save_preset(title, given or None, client.find(name or ""))
    except DaemonNotRunning:
        from segcam.daemon.keeper import KEPT_IN_PRESETS

        file = _file(name)
        now = file.settings.as_dict()
        file.save_preset(title, given or {each: now[each] for each in KEPT_IN_PRESETS})
    say(f"Saved. Use it: segcam preset use '{title.strip()}'")


@preset.command()
def use(title: Title, *, name: options.Name = None) -> None:
    """Change to the settings of a preset."""
    from segcam.api import client
    from segcam.cli.screen import Spinner
    from segcam.errors import DaemonNotRunning

    try:
        with Spinner("Waiting for SegCam") as waiting:
            client.use_preset(title, waiting.tell, client.find(name or ""))
        say(f"{title} is at work.")
    except DaemonNotRunning:
        file = _file(name)
        file.write(file.preset(title))
        say(f"{title} holds when SegCam starts.")


@preset.command()
def remove(title: Title, *, name: options.Name = None) -> None:
    """Forget a preset; the settings stay as they are."""
    from segcam.api import client
    from segcam.errors import DaemonNotRunning

    try:
        client.remove_preset(title, client.find(name or ""))
    except DaemonNotRunning:
        _file(name).remove_preset(title)
    say(f"Removed {title}.")


def _file(name: str | None) -> Config:
    """The settings file, read; ``segcam config`` reports unusable values."""
    from segcam.daemon.keeper import config_of

    file = config_of(name or "")
    file.read()
    return file


def _summary(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
