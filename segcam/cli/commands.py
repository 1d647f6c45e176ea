"""The commands of ``segcam``. Large imports stay inside them, so that ``--help`` is quick."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

import segcam
from segcam import process
from segcam.cli import messages
from segcam.cli.failures import as_told, is_wrong_use
from segcam.cli.help import PLAIN, WIDEST, complain_of_use
from segcam.cli.lazy import LazyGroup
from segcam.cli.screen import complain, say
from segcam.text import OneLine


class _RunByDefault(LazyGroup):
    """``segcam --background none`` means ``segcam run --background none``, ``help`` ``--help``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own = {"--help", "-h", "--version", "--install-completion", "--show-completion"}
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        is_alone = not args and not ctx.resilient_parsing  # a shell completes the command's name
        if is_alone or (args and args[0].startswith("-") and args[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": WIDEST},
    help="Your webcam without your room, offered as a camera that every call can select.\n\n"
    "Without a command, segcam opens its window where there is a screen; with options it means "
    "segcam run.",
    epilog="Exit codes: 0 fine, 1 error, 2 wrong use, 3 not running.",
    **PLAIN,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"segcam {segcam.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Take the options before a command."""


def run() -> int:
    """Run the command line.

    Returns:
        The exit status. Errors have been printed on stderr.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    messages.never_stop_the_program()
    logging.basicConfig(level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    if process.is_short_of_memory():
        say(f"{process.memory_limit()}: that is little, and whatever fails may fail for it.")
    try:
        status = app(prog_name="segcam", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as error:
        if not _reader_is_gone(error):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0  # a reader that stops has read enough
    except Exception as error:
        if is_wrong_use(error):
            return complain_of_use(error)
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        told = as_told(error)
        complain(told)
        return told.exit_code
    return int(status or 0)


def _reader_is_gone(error: BaseException) -> bool:
    """Whether nobody reads stdout any more; typer turns that into a `SystemExit`."""
    return any(isinstance(each, BrokenPipeError) for each in (error, error.__context__))
