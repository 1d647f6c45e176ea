"""``segcam autostart``: starts SegCam at login."""

from __future__ import annotations

import typer

from segcam.cli.help import group
from segcam.cli.screen import say

autostart = group("Start SegCam at login: on, off, status.")


@autostart.command()
def on() -> None:
    """Start SegCam at each login from now on."""
    from segcam.api.start import service_command
    from segcam.daemon.autostart import find_autostart

    way = find_autostart()
    way.turn_on(service_command())
    say(f"SegCam starts at login: {way.way}. Start it now: segcam start")


@autostart.command()
def off() -> None:
    """Start SegCam at login no more; one that runs goes on."""
    from segcam.daemon.autostart import find_autostart

    find_autostart().turn_off()
    say("SegCam does not start at login.")


@autostart.command()
def status() -> None:
    """Tell whether SegCam starts at login. Exit code 3 where it does not."""
    from segcam.daemon.autostart import find_autostart

    way = find_autostart()
    if not way.is_on():
        say("SegCam does not start at login. Let it: segcam autostart on")
        raise typer.Exit(3)
    say(f"SegCam starts at login: {way.way}.")
