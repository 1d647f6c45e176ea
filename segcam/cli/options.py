"""Options: those for settings come from the declarations, the others are defined here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

if TYPE_CHECKING:
    from segcam.settings import Setting, Settings, Value

Given = dict[str, Any]
"""Settings that were given as options, checked, with absolute paths. The others are left out, so
that the file's values apply."""

_P = ParamSpec("_P")

LIVE: Sequence[str] = ()
"""The settings of a camera, which are all settings."""


PANELS = {"main": "Options", "advanced": "Advanced options"}


def with_settings(
    names: Sequence[str], *, defaults: bool = True
) -> Callable[[Callable[Concatenate[Given, _P], None]], Callable[_P, None]]:
    """Gives a command an option for each named setting.

    The command gets them as its first argument, `Given`. Its own options come after them.

    Args:
        names: Names of the settings, or `LIVE`.
        defaults: Show the default values.
    """
    from segcam.settings import describe, setting_named

    settings = [setting_named(name) for name in names] or describe()
    made = {setting.name: _option(setting, defaults, not names) for setting in settings}

    def decorate(command: Callable[Concatenate[Given, _P], None]) -> Callable[_P, None]:
        @functools.wraps(command)
        def called(*args: _P.args, **kwargs: _P.kwargs) -> None:
            found = {name: kwargs.pop(name, None) for name in made}
            command(_checked(found), *args, **kwargs)

        return _signed(called, command, made)

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


def _signed(
    called: Callable[_P, None], command: Callable[..., None], made: dict[str, Any]
) -> Callable[_P, None]:
    """Typer reads a command's options from its signature."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    only = inspect.Parameter.KEYWORD_ONLY
    theirs = [
        inspect.Parameter(name, only, default=None, annotation=annotation)
        for name, annotation in made.items()
    ]
    arguments = [each for each in own if each.kind is not only]
    options = [each for each in own if each.kind is only]
    signature = inspect.Signature([*arguments, *theirs, *options])
    vars(called).pop("__wrapped__")
    vars(called)["__signature__"] = signature
    called.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return called


def _option(setting: Setting, default: bool, many: bool) -> Any:
    """The annotation of an option that is None if it was not given."""
    told, panel = setting.help, PANELS[setting.page] if many else None
    if setting.kind == "switch":
        names = f"--{setting.option}/--no-{setting.option}"
        return Annotated[bool | None, typer.Option(names, help=told, rich_help_panel=panel)]
    if default:
        is_float = isinstance(setting.default, float)
        value = f"{setting.default:g}" if is_float else str(setting.default)
        told += f"  [default: {value}]"
    metavar = setting.metavar or "|".join(setting.choices)
    name = f"--{setting.option}"
    option = typer.Option(name, metavar=metavar, help=told, rich_help_panel=panel)
    return Annotated[str | None, option]


def complete(given: Given) -> Settings:
    """The given settings, with defaults for the others."""
    from segcam.settings import Settings

    return Settings.from_dict(given)


RunName = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="Run a second SegCam beside the usual one; its camera has this name, too.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="The SegCam that is meant, where it was started with --name.",
    ),
]
Duration = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="Stop after that long.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Counters each second, and all as JSON at the end.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Still = Annotated[
    bool, typer.Option("--still", help="Treat each picture on its own, not as frames of a video.")
]
Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        show_default=False,
        help="A clip, a gif, a picture or a folder of pictures.",
    ),
]
