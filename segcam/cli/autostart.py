"""``segcam autostart``: starts SegCam at login."""

from __future__ import annotations

import click

from segcam.cli.help import Group
from segcam.cli.screen import say


@click.group(cls=Group, help="Start SegCam at login: on, off, status.")
def autostart() -> None:
    """Take no options."""


@autostart.command()
def on() -> None:
    """Start SegCam at every login."""
    from segcam.api.start import service_command
    from segcam.daemon.autostart import find_autostart

    way = find_autostart()
    way.turn_on(service_command())
    say(f"SegCam will start at login: {way.way}. To start it now: segcam start")


@autostart.command()
def off() -> None:
    """Stop starting SegCam at login; a running SegCam keeps running."""
    from segcam.daemon.autostart import find_autostart

    find_autostart().turn_off()
    say("SegCam will not start at login.")


@autostart.command()
def status() -> None:
    """Show whether SegCam starts at login. Exit code 3: it does not."""
    from segcam.daemon.autostart import find_autostart

    way = find_autostart()
    if not way.is_on():
        say("SegCam does not start at login. To change that: segcam autostart on")
        raise click.exceptions.Exit(3)
    say(f"SegCam starts at login: {way.way}.")
