"""The desktop: where SegCam's icon can be, and whether SegCam runs."""

from __future__ import annotations

from collections.abc import Iterator

from segcam.doctor.base import Finding, Machine
from segcam.errors import DaemonNotRunning, SegCamError

WATCHER = "org.kde.StatusNotifierWatcher"


def check_tray(machine: Machine) -> Iterator[Finding]:
    """Whether the desktop shows tray icons."""
    if not (machine.environ.get("DISPLAY") or machine.environ.get("WAYLAND_DISPLAY")):
        yield Finding("desktop.none", "ok", "There is no display: SegCam runs without its window")
        return
    names = machine.ask(["busctl", "--user", "--no-legend", "--no-pager", "list"])
    if names is not None and WATCHER not in names:
        yield Finding(
            "desktop.no-tray",
            "note",
            "The desktop shows no tray icons",
            "SegCam's window does all that its icon would",
            "On GNOME: sudo apt-get install gnome-shell-extension-appindicator, then log in again",
        )


def check_daemon(_: Machine) -> Iterator[Finding]:
    """What the running SegCam says of itself."""
    from segcam.api import client

    try:
        state = client.status()
    except DaemonNotRunning:
        yield Finding(
            "daemon.stopped", "ok", "SegCam does not run at present", "", "Start it: segcam start"
        )
    except SegCamError as error:
        yield Finding("daemon.silent", "fault", error.title, error.message, error.hint)
    else:
        yield Finding("daemon.runs", "ok", f"SegCam runs as process {state.pid}")
        if state.trouble is not None:
            title, why, cure = (str(state.trouble[key]) for key in ("title", "message", "hint"))
            yield Finding("daemon.trouble", "fault", title, why, cure)
