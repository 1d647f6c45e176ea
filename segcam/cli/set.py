"""``segcam set``: changes settings of the running SegCam."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Command
from segcam.cli.screen import Spinner, say
from segcam.errors import DaemonNotRunning

if TYPE_CHECKING:
    from segcam.api.messages import State


@click.command(cls=Command)
@options.with_settings(options.LIVE, defaults=False)
@options.name
@click.option("--once", is_flag=True, help="Only for this run: do not change the settings file.")
def change(given: options.Given, name: str, once: bool) -> None:
    """Change settings of the running SegCam; the others stay as they are.

    The background changes at once. While a new model loads, the old one keeps running; that can
    take minutes, and Ctrl-C ends only the waiting, not the change. A new camera, size or output
    stops the picture for a moment.
    """
    from segcam.api import client

    try:
        which = client.find(name)
    except DaemonNotRunning:
        if once or not given:
            raise
        _keep(given, name)
        return
    with Spinner("Waiting for SegCam") as waiting:
        now = client.change(given, once, waiting.tell, which)
    say(_summary(now))


def _keep(given: options.Given, name: str) -> None:
    """Store the change in the file, since SegCam does not run."""
    from segcam.daemon.keeper import config_of

    config = config_of(name)
    config.write(given)
    say(f"SegCam is not running. The change is saved in {config.path} for the next start.")


def _summary(now: State) -> str:
    shown = ", which shows the room" if now.background == "none" else ""
    parts = [f"Background {now.background}{shown}"]
    if now.model:
        parts += [f"{now.model} on {now.backend}", f"{now.edges} edges"]
    if now.mirror:
        parts.append("mirrored")
    source = f"; {now.camera} {now.width}x{now.height}" if now.camera else ""
    starts = "; SegCam is still starting" if now.phase == "starting" else ""
    return f"{', '.join(parts)}{source}{starts}."
