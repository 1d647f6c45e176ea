"""The ``segcam`` command. Heavy imports stay inside the commands: ``--help`` answers at once."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import segcam
from segcam.cli import files, lists, live
from segcam.cli import set as set_command
from segcam.cli import status as status_command
from segcam.cli.screen import complain, err
from segcam.errors import SegCamError, UsageError, refused


class _RunByDefault(TyperGroup):
    """``segcam --background none`` means ``segcam run --background none``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        own = {"--help", "--version", "--install-completion", "--show-completion"}
        if not args or (args[0].startswith("-") and args[0] not in own):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Your webcam without your room, offered as a camera that every call can select.\n\n"
    "Without a command, [b]segcam[/b] means [b]segcam run[/b] and takes its options.",
    epilog="Exit codes: 0 fine, 1 error, 2 wrong use, 3 not running.",
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
    """Take the options that stand before a command."""


app.command("run")(live.run)
app.command("status")(status_command.status)
app.command("set")(set_command.change)
app.command("render")(files.render)
app.command("matte")(files.matte)
app.command("cameras")(lists.cameras)
app.command("backends")(lists.backends)
app.add_typer(lists.models, name="models")


def main() -> None:
    """Run the command line; never ends in a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in ("SIGTERM", "SIGHUP"):  # the latter is unknown on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _terminate)
    # Threads of numpy's linear algebra spin when they start, and SegCam has no use for them. 0.08 s
    # of processor time each time, in the models' processes, too.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except SegCamError as error:
        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and error.filename:
            complain(refused(error))
            sys.exit(UsageError.exit_code)
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        err.print(
            f"[bold red]Error:[/] SegCam has met a fault of its own: {error!r}. "
            "Please report it with the output of the same command and --verbose.",
            soft_wrap=True,
        )
        sys.exit(1)


def _terminate(signum: int, frame: FrameType | None) -> Any:  # noqa: ARG001
    raise KeyboardInterrupt
