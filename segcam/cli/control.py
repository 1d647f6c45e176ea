"""``segcam start``, ``stop``, ``restart``, ``pause`` and ``resume``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from segcam.cli import options
from segcam.cli.screen import say

if TYPE_CHECKING:
    from segcam.api.messages import State


def start(*, name: options.RunName = None) -> None:
    """Start SegCam in the background, with the settings of its file.

    Exit code 1 where it has no picture yet: it goes on trying.
    """
    from segcam.api.start import start as start_it

    _tell_started(start_it(name or ""))


def stop(*, name: options.Name = None) -> None:
    """End the running SegCam; recordings are finished first."""
    from segcam.api import client
    from segcam.api.start import stop as stop_it

    stop_it(client.find(name or ""))
    say("SegCam has ended.")


def restart(*, name: options.Name = None) -> None:
    """End the running SegCam, if there is one, and start it in the background."""
    from segcam.api import start as life
    from segcam.errors import DaemonNotRunning

    with suppress(DaemonNotRunning):
        life.stop(name or "")
    _tell_started(life.start(name or ""))


def pause(*, name: options.Name = None) -> None:
    """Switch the camera off; programs that watch see that it is off."""
    from segcam.api import client

    _tell(client.pause(client.find(name or "")))


def resume(*, name: options.Name = None) -> None:
    """Let the camera go on after a pause, when somebody watches."""
    from segcam.api import client

    _tell(client.resume(client.find(name or "")))


def _tell_started(now: State) -> None:
    """Say that SegCam runs, and raise the error that prevents a picture."""
    from segcam.errors import from_dict

    say(f"SegCam runs, process {now.pid}. End it: segcam stop")
    if now.phase == "trouble" and now.trouble is not None:
        raise from_dict(now.trouble)


def _tell(now: State) -> None:
    if now.paused:
        say("The camera is off until: segcam resume")
    else:
        say("The camera is on." if now.camera_on else "The camera goes on when a program watches.")
