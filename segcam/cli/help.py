"""Plain text for ``--help`` and usage errors; rich would take longer than everything else."""

from __future__ import annotations

from typing import Any

import click

from segcam.cli.screen import styled
from segcam.text import visible

WIDEST = 100
"""Width in columns."""


class Option(click.Option):
    """An option that ``--help`` lists under a heading of its own.

    Args:
        panel: The heading.
    """

    def __init__(self, *declared: Any, panel: str = "Options", **attributes: Any) -> None:
        super().__init__(*declared, **attributes)
        self.panel = panel


class Command(click.Command):
    """A command whose options are listed under the headings of their panels."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write arguments and options."""
        _write_parameters(self, ctx, formatter)


class Group(click.Group):
    """A command with subcommands, each listed with the first paragraph of its help."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options and commands."""
        _write_parameters(self, ctx, formatter)
        rows = [(name, _first_paragraph(each.help)) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def complain_of_use(error: click.ClickException) -> int:
    """Report an invalid command line; returns the exit status."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    context = getattr(error, "ctx", None)
    near = getattr(error, "possibilities", None)
    told = visible(error.message if near else error.format_message())
    told += "" if told[-1:] in ".?" else "."
    told += f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    see = f" See: {context.command_path} --help" if context is not None else ""
    click.echo(f"{styled('Error:', fg='red', bold=True)} {told}{see}", err=True)
    return error.exit_code


def _write_parameters(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    panels: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        usual = "Arguments" if isinstance(parameter, click.Argument) else "Options"
        if row := parameter.get_help_record(ctx):
            panels.setdefault(getattr(parameter, "panel", usual), []).append(row)
    for panel, rows in panels.items():
        with formatter.section(panel):
            formatter.write_dl(rows)


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())
