"""``segcam start``, ``stop``, ``restart``, ``pause`` and ``resume``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Command
from segcam.cli.screen import say

if TYPE_CHECKING:
    from segcam.api.messages import State


@click.command(cls=Command)
@options.run_name
def start(name: str) -> None:
    """Start SegCam in the background, with the settings from its file.

    Exit code 1 means that SegCam runs but has no picture yet; it keeps trying.
    """
    from segcam.api.start import start as start_it

    _tell_started(start_it(name))


@click.command(cls=Command)
@options.name
def stop(name: str) -> None:
    """Stop the running SegCam; recordings are finished first."""
    from segcam.api import client
    from segcam.api.start import stop as stop_it

    stop_it(client.find(name))
    say("SegCam has stopped.")


@click.command(cls=Command)
@options.name
def restart(name: str) -> None:
    """Stop the running SegCam, if there is one, and start it in the background."""
    from segcam.api import client
    from segcam.api import start as life
    from segcam.errors import DaemonNotRunning

    with suppress(DaemonNotRunning):
        name = client.find(name)
        life.stop(name)
    _tell_started(life.start(name))


@click.command(cls=Command)
@options.name
def pause(name: str) -> None:
    """Turn the camera off; programs that are watching show that it is off."""
    from segcam.api import client

    _tell(client.pause(client.find(name)))


@click.command(cls=Command)
@options.name
def resume(name: str) -> None:
    """Turn the camera on again after a pause; it opens when a program is watching."""
    from segcam.api import client

    _tell(client.resume(client.find(name)))


def _tell_started(now: State) -> None:
    """Say that SegCam runs, and raise the error that prevents a picture."""
    from segcam.errors import from_dict

    say(f"SegCam is running, process {now.pid}. Stop it: segcam stop")
    if now.phase == "trouble" and now.trouble is not None:
        raise from_dict(now.trouble)


def _tell(now: State) -> None:
    if now.paused:
        say("The camera is off. Turn it on again: segcam resume")
    else:
        say(
            "The camera is on."
            if now.camera_on
            else "The camera turns on when a program starts to watch."
        )
