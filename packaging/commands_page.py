"""Writes docs/commands.md from the commands themselves (make docs)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from segcam.cli.lazy import COMMANDS, build
from segcam.settings import describe

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
HEAD = """# Commands

`make docs` generates this page from the commands themselves; `--help` shows the same texts. Without
a command, `segcam` opens its window if there is a screen; with options only, it is the same as
`segcam run`. [settings.md](settings.md) explains the options listed under "Settings".
`segcam --completion bash` (or `zsh`, `fish`) prints a script that completes commands and options.

Exit codes: 0 success, 1 error, 2 wrong use, 3 not running.
"""
SETTINGS = {f"--{setting.name.replace('_', '-')}" for setting in describe()}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_commands()])


def _commands() -> Iterator[str]:
    for name, (_, line) in COMMANDS.items():
        command = build(name)
        yield f"## segcam {name}\n\n{_plain(command.help or line)}\n"
        yield from _parameters(command)
        for below, each in getattr(command, "commands", {}).items():
            yield f"### segcam {name} {below}\n\n{_plain(each.help or '')}\n"
            yield from _parameters(each)


def _parameters(command: Any) -> Iterator[str]:
    context = click.Context(command)
    told = [
        each
        for each in command.params
        if getattr(each, "help", "") and not getattr(each, "hidden", False)
    ]
    own = [each for each in told if each.opts[0] not in SETTINGS]
    if own:
        rows = "".join(
            f"| {_names(each, context)} | {_plain(each.help).replace('|', chr(92) + '|')} |\n"
            for each in own
        )
        yield f"| option | what it does |\n|---|---|\n{rows}"
    settings = [each.opts[0] for each in told if each not in own]
    if set(settings) == SETTINGS:
        yield "Settings: [all](settings.md).\n"
    elif settings:
        yield f"Settings: {', '.join(f'`{each}`' for each in settings)}.\n"


def _names(parameter: Any, context: Any) -> str:
    metavar = parameter.make_metavar(context).replace("|", r"\|")
    if parameter.param_type_name == "argument":
        return f"`{metavar}`"
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    return names if parameter.is_flag else f"{names} `{metavar}`"


def _plain(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split()).replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page())
