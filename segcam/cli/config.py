"""``segcam config``: the file of settings."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import typer

from segcam.cli import options
from segcam.cli.help import group
from segcam.cli.screen import complain, print_json, print_table, say

if TYPE_CHECKING:
    from segcam.config import Config

config = group(
    "The file of settings: where it is, what holds, and an editor for it.",
    no_args_is_help=False,
    invoke_without_command=True,
)


@config.callback()
def tell(ctx: typer.Context) -> None:
    """Tell where the file is, what holds, and where each value comes from."""
    if ctx.invoked_subcommand is None:
        show()


@config.command()
def path() -> None:
    """Print where the file is."""
    from segcam.config import config_file

    typer.echo(config_file())


@config.command()
def show(json: options.Json = False) -> None:
    """Print the settings that hold, and where each comes from."""
    from segcam.config import Config

    file = Config()
    values, given = file.read().as_dict(), file.contents.given
    running = _running()
    if json:
        told = {"path": str(file.path), "settings": values, "given": given, "running": running}
        print_json(told)
    else:
        print_table(("Setting", "Value", "From"), list(_rows(file, running)))
        say(f"The file is {file.path}. Edit it: segcam config edit")
    for problem in file.problems:
        complain(problem)


@config.command()
def edit() -> None:
    """Open the file in your editor ($VISUAL or $EDITOR), and check it afterwards."""
    from segcam.config import Config
    from segcam.errors import UsageError

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    file = Config()
    if not editor:
        raise UsageError("No editor is chosen", "", f"Set EDITOR, or open {file.path} yourself")
    file.create()
    try:
        status = subprocess.call([*shlex.split(editor), str(file.path)])
    except (OSError, ValueError) as error:
        raise UsageError(
            f"The editor {editor} cannot be started", str(error), "Set EDITOR"
        ) from error
    file.read()
    for problem in file.problems:
        complain(problem)
    if status or file.problems:
        raise typer.Exit(1)
    say("SegCam takes it over within two seconds, if it runs.")


def _running() -> dict[str, object]:
    """The requested settings of the running SegCam; empty if there is none."""
    from segcam.api import client
    from segcam.errors import DaemonError

    try:
        return client.status().requested
    except DaemonError:
        return {}


def _rows(file: Config, running: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    from segcam.settings import describe

    values, contents = file.settings.as_dict(), file.contents
    for setting in describe():
        name = setting.name
        line = contents.lines.get(name)
        origin = f"{file.path.name}, line {line}" if line else "the default"
        yield name, _as_toml(values[name]), origin
        if running.get(name, values[name]) != values[name]:
            yield "", _as_toml(running[name]), "now, for this run alone"


def _as_toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
