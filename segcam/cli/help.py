"""Plain text for ``--help`` and usage errors. rich would take longer than everything else."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from segcam.cli.screen import styled
from segcam.text import visible

PLAIN: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}
"""Arguments of every `typer.Typer`."""
WIDEST = 100
"""Width in columns."""


class Command(TyperCommand):
    """A command whose options are listed under the headings of their panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        _write_parameters(self, ctx, formatter)


class Group(TyperGroup):
    """A command with subcommands, each listed with its full help."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options and commands."""
        _write_parameters(self, ctx, formatter)
        rows = [(name, _first_paragraph(each.help)) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def group(text: str, **attributes: Any) -> typer.Typer:
    """Make the `typer.Typer` for a command's subcommands.

    Args:
        text: Its help.
        attributes: Further arguments of `typer.Typer`.
    """
    attributes.setdefault("no_args_is_help", True)
    return typer.Typer(cls=Group, add_completion=False, help=text, **PLAIN, **attributes)


def complain_of_use(error: Any) -> int:
    """Report an invalid command line; returns the exit status.

    Args:
        error: The library's error, with its context if it has one.
    """
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # typer does not export it
        typer.echo(error.format_message(), err=True)
        return int(error.exit_code)
    told = visible(error.format_message())
    told += "" if told[-1:] in ".?" else "."
    see = f" See: {context.command_path} --help" if context is not None else ""
    typer.echo(f"{styled('Error:', fg='red', bold=True)} {told}{see}", err=True)
    return int(error.exit_code)


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        row = parameter.get_help_record(ctx)
        usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
        panel = getattr(parameter, "rich_help_panel", None) or usual
        if row is not None:
            panels.setdefault(panel, []).append(row)
    for panel, rows in panels.items():
        with formatter.section(panel):
            formatter.write_dl(rows)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())
