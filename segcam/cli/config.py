"""``segcam config``: the file of settings."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Group
from segcam.cli.screen import complain, print_json, print_table, say

if TYPE_CHECKING:
    from segcam.config import Config


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def config(ctx: click.Context) -> None:
    """Show or edit the settings file; without a subcommand, same as segcam config show."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@config.command()
def path() -> None:
    """Print the path of the settings file."""
    from segcam.config import config_file

    click.echo(config_file())


@config.command()
@options.json
def show(json: bool) -> None:
    """Print the settings in effect and where each value comes from."""
    from segcam.config import Config

    file = Config()
    values, given = file.read().as_dict(), file.contents.given
    running = _running()
    if json:
        told = {"path": str(file.path), "settings": values, "given": given, "running": running}
        print_json(told)
    else:
        print_table(("Setting", "Value", "From"), list(_rows(file, running)))
        say(f"The file is {file.path}. To edit it: segcam config edit")
    for problem in file.problems:
        complain(problem)


@config.command()
def edit() -> None:
    """Open the settings file in your editor ($VISUAL or $EDITOR), then check it."""
    from segcam.config import Config
    from segcam.errors import UsageError

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    file = Config()
    if not editor:
        raise UsageError("No editor is set", "", f"Set EDITOR, or open {file.path} yourself")
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
        raise click.exceptions.Exit(1)
    say("If SegCam is running, it applies the changes within two seconds.")


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
            yield "", _as_toml(running[name]), "current value, for this run only"


def _as_toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
