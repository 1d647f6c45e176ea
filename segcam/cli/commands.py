"""The commands of ``segcam``. Large imports stay inside them, so that ``--help`` is quick."""

from __future__ import annotations

import logging
import os
import sys

import click

import segcam
from segcam import process
from segcam.cli import messages
from segcam.cli.failures import as_told
from segcam.cli.help import WIDEST, complain_of_use
from segcam.cli.lazy import LazyGroup, listed
from segcam.cli.screen import complain, say
from segcam.text import OneLine


class _RunByDefault(LazyGroup):
    """``segcam --background none`` means ``segcam run --background none``, ``help`` ``--help``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version", "--completion"}
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        is_alone = not args and not ctx.resilient_parsing  # a shell completes the command's name
        if is_alone or (args and args[0].startswith("-") and args[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _print_completion(ctx: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell is not None and not ctx.resilient_parsing:
        from click.shell_completion import get_completion_class

        kind = get_completion_class(shell)
        assert kind is not None
        click.echo(kind(app, {}, "segcam", "_SEGCAM_COMPLETE").source())
        ctx.exit()


@click.group(
    cls=_RunByDefault,
    commands=listed(),
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": WIDEST},
    help="Your webcam without your room, offered as a camera that every call can select.\n\n"
    "Without a command, segcam opens its window if there is a screen; with options only, it is "
    "the same as segcam run.",
    epilog="Exit codes: 0 success, 1 error, 2 wrong use, 3 not running.",
)
@click.version_option(segcam.__version__, message="segcam %(version)s", help="Print the version.")
@click.option(
    "--completion",
    type=click.Choice(("bash", "zsh", "fish")),
    callback=_print_completion,
    is_eager=True,
    expose_value=False,
    help="Print a script that completes commands and options in this shell.",
)
def app() -> None:
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
        say(f"{process.memory_limit()}. This is low; if something fails, it may be the reason.")
    stdout = sys.stdout
    try:
        status = app.main(prog_name="segcam", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort as error:  # from Ctrl-C, at a question too
        raise KeyboardInterrupt from error
    except (BrokenPipeError, SystemExit) as error:
        # If nobody reads stdout any more, click replaces it and exits.
        if isinstance(error, SystemExit) and sys.stdout is stdout:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return 0  # a reader that stops has read enough
    except click.ClickException as error:
        return complain_of_use(error)
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        told = as_told(error)
        complain(told)
        return told.exit_code
    return int(status or 0)
