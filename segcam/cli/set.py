"""``segcam set``: changes settings of the running SegCam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.screen import Spinner, say
from segcam.errors import DaemonNotRunning

if TYPE_CHECKING:
    from segcam.api.messages import State

Once = Annotated[
    bool, typer.Option("--once", help="For this run alone: the settings file stays as it is.")
]


@options.with_settings(options.LIVE, defaults=False)
def change(given: options.Given, *, name: options.Name = None, once: Once = False) -> None:
    """Change what the running SegCam does; what is not named stays as it is.

    The background changes at once. Another model is loaded beside the one that runs, which goes on
    until then; for another camera, size or output the picture stands for a moment.
    """
    from segcam.api import client

    try:
        which = client.find(name or "")
    except DaemonNotRunning:
        if once or not given:
            raise
        _keep(given, name or "")
        return
    with Spinner("Waiting for SegCam") as waiting:
        now = client.change(given, once, waiting.tell, which)
    say(_summary(now))


def _keep(given: options.Given, name: str) -> None:
    """Store the change in the file, since SegCam does not run."""
    from segcam.daemon.keeper import config_of

    config = config_of(name)
    config.write(given)
    say(f"SegCam does not run. It is in {config.path} for the next time.")


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
