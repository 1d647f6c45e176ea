"""PipeWire: SegCam's camera without a kernel module, for programs that use it."""

from __future__ import annotations

import ctypes
import re
import shlex
from collections.abc import Iterator

from segcam.doctor.base import Finding, Machine, State

_PORTAL_WHY = "Browsers ask it for cameras and get none"
_PORTAL_PACKAGES = ("xdg-desktop-portal", "xdg-desktop-portal-gtk")
_BUS = ("busctl", "--user")
_PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
_CAMERA = "org.freedesktop.portal.Camera"
_STORE = (
    "org.freedesktop.impl.portal.PermissionStore",
    "/org/freedesktop/impl/portal/PermissionStore",
    "org.freedesktop.impl.portal.PermissionStore",
)
_CAMERAS = ("devices", "camera")
_ASK_PERMISSIONS = (*_BUS, "call", *_STORE, "Lookup", "ss", *_CAMERAS)


def runs(machine: Machine) -> bool:
    """Whether this user's PipeWire is listening at its socket."""
    folder = machine.environ.get("PIPEWIRE_RUNTIME_DIR") or machine.environ.get("XDG_RUNTIME_DIR")
    return bool(folder) and machine.path(str(folder).lstrip("/"), "pipewire-0").exists()


def check(machine: Machine) -> Iterator[Finding]:
    """Check PipeWire and the services that give cameras to programs."""
    if not runs(machine):
        yield Finding(
            "pipewire.off",
            "note",
            "PipeWire is not running in this session",
            "Without v4l2loopback no program sees SegCam",
            _start(machine, "pipewire", "wireplumber"),
        )
        return
    # Programs see the kernel module's camera anyway.
    state: State = "note" if machine.path("sys/module/v4l2loopback").is_dir() else "fault"
    if not _loadable():
        yield Finding(
            "pipewire.library",
            state,
            "The library libpipewire-0.3.so.0 cannot be loaded",
            "SegCam cannot offer its PipeWire camera",
            machine.install("libpipewire-0.3-0"),
        )
        return
    running = machine.processes()
    if not running & {"wireplumber", "pipewire-media-"}:
        yield Finding(
            "pipewire.session-manager",
            state,
            "PipeWire runs without a session manager",
            "Nothing connects its cameras to programs",
            _start(machine, "wireplumber"),
        )
    yield from _portal(machine, running)
    yield Finding("pipewire.runs", "ok", "PipeWire is running in this session")


def _start(machine: Machine, *services: str) -> str:
    """The command that starts services of this session, after installing those that are missing."""
    lacking = [name for name in services if not machine.path("usr/bin", name).exists()]
    start = f"systemctl --user start {' '.join(services)}"
    if not lacking:
        return start
    install = machine.install(*lacking)
    return f"{install} && {start}" if machine.distribution() else f"{install}, then log in again"


def _portal(machine: Machine, running: frozenset[str]) -> Iterator[Finding]:
    """Whether the desktop portal gives cameras to browsers."""
    cure = f"{machine.install(*_PORTAL_PACKAGES)}, then log in again"
    if not any(name.startswith("xdg-desktop-por") for name in running):
        yield Finding(
            "pipewire.portal",
            "note",
            "The desktop portal is not running",
            _PORTAL_WHY,
            cure,
        )
        return
    if _CAMERA not in (machine.ask([*_BUS, "introspect", *_PORTAL]) or _CAMERA):
        yield Finding(
            "pipewire.portal-backend",
            "note",
            "The desktop portal offers no cameras",
            f"None of its backends fits this desktop. {_PORTAL_WHY}",
            cure,
        )
    for program in re.findall(r'"([^"]*)" 1 "no"', machine.ask(_ASK_PERMISSIONS) or ""):
        yield Finding(
            "pipewire.camera-denied",
            "note",
            f"Camera access was denied to {program or 'programs outside a sandbox'}",
            "The portal remembers the answer and does not ask again",
            shlex.join([*_BUS, "call", *_STORE, "DeletePermission", "sss", *_CAMERAS, program]),
        )


def _loadable() -> bool:
    try:
        ctypes.CDLL("libpipewire-0.3.so.0")
    except OSError:
        return False
    return True
