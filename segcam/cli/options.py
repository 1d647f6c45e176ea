"""Options: those for settings come from the declarations, the others are defined here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segcam.cli.help import Option

if TYPE_CHECKING:
    from segcam.settings import Setting, Settings, Value

Given = dict[str, Any]
"""Settings that were given as options, checked, with absolute paths. The others are left out, so
that the file's values apply."""

LIVE: Sequence[str] = ()
"""The settings of a camera, which are all settings."""

PANELS = {"main": "Options", "advanced": "Advanced options"}


def with_settings(
    names: Sequence[str], *, defaults: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command an option for each named setting.

    The command gets them as its first argument, `Given`.

    Args:
        names: Names of the settings, or `LIVE`.
        defaults: Show the default values.
    """
    from segcam.settings import describe, setting_named

    settings = [setting_named(name) for name in names] or describe()

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def called(**arguments: Any) -> None:
            found = {setting.name: arguments.pop(setting.name) for setting in settings}
            command(_checked(found), **arguments)

        for setting in reversed(settings):  # as if they were decorators above the function
            called = _option(setting, defaults, not names)(called)
        return called

    return decorate


def _checked(found: Given) -> Given:
    from segcam.settings import rooted, setting_named

    given = {
        name: _read(setting_named(name), value) if isinstance(value, str) else value
        for name, value in found.items()
        if value is not None
    }
    return rooted(given, Path.cwd()) if given else given


def _read(setting: Setting, text: str) -> Value:
    """The value of an option; a background may be a name in the library."""
    from segcam.errors import UsageError

    try:
        return setting.read(text)
    except UsageError:
        from segcam.backgrounds import entries

        found = [entry.value for entry in entries() if text in (entry.id, entry.title)]
        if setting.name == "background" and found:
            return found[0]
        raise


def _option(setting: Setting, default: bool, many: bool) -> Callable[..., Any]:
    """The decorator for an option that is None if it was not given."""
    told, name = setting.help, f"--{setting.option}"
    panel = PANELS[setting.page] if many else "Options"
    if setting.kind == "switch":
        names = f"{name}/--no-{setting.option}"
        return click.option(names, cls=Option, default=None, help=told, panel=panel)
    if default:
        is_float = isinstance(setting.default, float)
        value = f"{setting.default:g}" if is_float else str(setting.default)
        told += f"  [default: {value}]"
    metavar = setting.metavar or "|".join(setting.choices)
    return click.option(name, cls=Option, metavar=metavar, help=told, panel=panel)


def complete(given: Given) -> Settings:
    """The given settings, with defaults for the others."""
    from segcam.settings import Settings

    return Settings.from_dict(given)


def a_path() -> click.Path:
    """The type of a path that need not exist."""
    return click.Path(path_type=Path)


run_name = click.option(
    "--name",
    default="",
    metavar="NAME",
    help="Run a second SegCam beside the usual one; its camera has this name, too.",
)
name = click.option(
    "--name",
    default="",
    metavar="NAME",
    help="Which SegCam, if it was started with --name.",
)
duration = click.option(
    "--duration", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop after this time."
)
verbose = click.option(
    "--verbose", "-v", is_flag=True, help="Print counters every second, and all as JSON at the end."
)
json = click.option("--json", is_flag=True, help="Print JSON.")
still = click.option(
    "--still", is_flag=True, help="Treat each picture on its own, not as frames of a video."
)
source = click.argument(
    "source",
    type=a_path(),
    metavar="INPUT",
    help="A clip, a GIF, a picture or a folder of pictures.",
)
