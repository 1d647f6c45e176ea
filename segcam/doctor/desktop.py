"""The desktop: whether it shows SegCam's icon, and whether SegCam runs."""

from __future__ import annotations

from collections.abc import Iterator

import segcam
from segcam.doctor.base import Finding, Machine
from segcam.errors import DaemonNotRunning, DaemonOther, SegCamError

WATCHER = "org.kde.StatusNotifierWatcher"


def check_tray(machine: Machine) -> Iterator[Finding]:
    """Whether the desktop shows tray icons."""
    if not (machine.environ.get("DISPLAY") or machine.environ.get("WAYLAND_DISPLAY")):
        yield Finding(
            "desktop.none", "ok", "There is no display, so SegCam runs without its window"
        )
        return
    names = machine.ask(["busctl", "--user", "--no-legend", "--no-pager", "list"])
    if names is not None and WATCHER not in names:
        yield Finding(
            "desktop.no-tray",
            "note",
            "The desktop shows no tray icons",
            "Use SegCam's window, which does the same",
            f"On GNOME: {machine.install('gnome-shell-extension-appindicator')}, then log in again",
        )


def check_session(machine: Machine) -> Iterator[Finding]:
    """Whether this is a login session, as the desktop's services need it."""
    folder = machine.environ.get("XDG_RUNTIME_DIR", "")
    if folder and machine.path(folder.lstrip("/")).is_dir():
        return
    lacking = "XDG_RUNTIME_DIR is not set"
    yield Finding(
        "session.none",
        "note",
        f"{folder} does not exist" if folder else lacking,
        "PipeWire, D-Bus and a SegCam started from the desktop cannot be found",
        "Log in as this user instead of using su or sudo, or run: "
        "export XDG_RUNTIME_DIR=/run/user/$(id -u)",
    )


def check_inotify(machine: Machine) -> Iterator[Finding]:
    """Whether inotify has room left, with which PipeWire and the portal notice cameras."""
    counts = [
        machine.read("proc", process, "fdinfo", descriptor).count("inotify wd:")
        for process, descriptor, target in machine.descriptors()
        if target == "anon_inode:inotify"
    ]
    for kind, used in (("instances", len(counts)), ("watches", sum(counts))):
        limit = machine.read(f"proc/sys/fs/inotify/max_user_{kind}")
        if limit.isdigit() and used >= 0.95 * int(limit):
            yield Finding(
                "system.inotify",
                "note",
                f"{used} of {limit} inotify {kind} are in use",
                "PipeWire and the desktop may not notice new cameras",
                f"echo fs.inotify.max_user_{kind}={4 * int(limit)} | "
                f"sudo tee /etc/sysctl.d/60-inotify-{kind}.conf; sudo sysctl --system",
            )


def check_daemon(_: Machine) -> Iterator[Finding]:
    """The state of the running SegCam."""
    from segcam.api import client

    try:
        state = client.status()
    except DaemonNotRunning:
        yield Finding("daemon.stopped", "ok", "SegCam is not running", "", "Start it: segcam start")
    except DaemonOther as error:
        yield Finding("daemon.other-version", "fault", error.title, error.message, error.hint)
    except SegCamError as error:
        yield Finding("daemon.silent", "fault", error.title, error.message, error.hint)
    else:
        yield Finding("daemon.runs", "ok", f"SegCam is running as process {state.pid}")
        if state.version != segcam.__version__:
            yield Finding(
                "daemon.other-version",
                "note",
                f"SegCam {state.version} is running, but {segcam.__version__} is installed",
                "The files of the running version are gone, so parts of it may fail",
                "segcam restart",
            )
        if state.trouble is not None:
            title, why, cure = (str(state.trouble[key]) for key in ("title", "message", "hint"))
            yield Finding("daemon.trouble", "fault", title, why, cure)
