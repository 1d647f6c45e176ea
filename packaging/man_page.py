"""Writes segcam(1), in the language of roff, from the commands themselves: man_page.py OUTPUT."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import segcam
from segcam.cli.commands import app
from segcam.cli.lazy import COMMANDS, build

FILES = (
    ("~/.config/segcam/settings.toml", "The settings; see: segcam config."),
    ("~/.local/share/segcam", "Downloaded models and the user's own backgrounds."),
    ("/etc/modprobe.d/segcam.conf", "Options of the kernel module v4l2loopback."),
)
CODES = ("0", "Success."), ("1", "Error."), ("2", "Wrong use."), ("3", "SegCam is not running.")


def page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_commands(), *_end()]) + "\n"


def _head() -> Iterator[str]:
    moment = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))  # noqa: TID251
    day = time.strftime("%Y-%m-%d", moment)
    yield f'.TH SEGCAM 1 "{day}" "SegCam {segcam.__version__}" "User Commands"'
    yield ".SH NAME"
    yield r"segcam \- hide the room behind you and offer the result as a camera"
    yield ".SH SYNOPSIS"
    yield r"\fBsegcam\fR [\fICOMMAND\fR] [\fIOPTIONS\fR]"
    yield ".SH DESCRIPTION"
    for paragraph in (app.help or "").split("\n\n"):
        yield from (".P", _plain(paragraph))


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, (_, line) in COMMANDS.items():
        command = build(name)
        yield f".SS segcam {_plain(name)}"
        yield _plain(command.help or line)
        yield from _parameters(command)
        for below, each in getattr(command, "commands", {}).items():
            yield ".P"
            yield rf"\fBsegcam {_plain(name)} {_plain(below)}\fR"
            yield ".br"
            yield _plain(each.help or "")
            yield from _parameters(each)


def _parameters(command: Any) -> Iterator[str]:
    context = click.Context(command)
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text and not getattr(parameter, "hidden", False):
            yield ".TP"
            yield _names(parameter, context)
            yield _plain(text)


def _names(parameter: Any, context: Any) -> str:
    metavar = _plain(parameter.make_metavar(context))
    if parameter.param_type_name == "argument":
        return rf"\fI{metavar}\fR"
    names = ", ".join(
        rf"\fB{_plain(name)}\fR" for name in (*parameter.opts, *parameter.secondary_opts)
    )
    return names if parameter.is_flag else rf"{names} \fI{metavar}\fR"


def _end() -> Iterator[str]:
    yield ".SH FILES"
    for path, text in FILES:
        yield from (".TP", f".I {_plain(path)}", _plain(text))
    yield ".SH EXIT STATUS"
    for code, text in CODES:
        yield from (".TP", code, _plain(text))


def _plain(text: str) -> str:
    """A text in one line, escaped for roff."""
    line = " ".join(text.split())
    line = line.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return rf"\&{line}" if line.startswith(".") else line


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
