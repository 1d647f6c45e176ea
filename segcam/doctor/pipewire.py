"""PipeWire: SegCam's camera without a kernel module, for programs that ask for it."""

from __future__ import annotations

import ctypes
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from segcam.doctor.base import Finding, Machine

CHROMIUM = (
    "google-chrome",
    "chromium",
    "BraveSoftware/Brave-Browser",
    "microsoft-edge",
    "vivaldi",
)
FLAG = "enable-webrtc-pipewire-camera"
PREFERENCE = "media.webrtc.camera.allow-pipewire"
_PORTAL_WHY = "Browsers ask it for cameras, and get none"


def runs(machine: Machine) -> bool:
    """Whether this user's PipeWire answers at its socket."""
    folder = machine.environ.get("PIPEWIRE_RUNTIME_DIR") or machine.environ.get("XDG_RUNTIME_DIR")
    return bool(folder) and machine.path(str(folder).lstrip("/"), "pipewire-0").exists()


def check(machine: Machine) -> Iterator[Finding]:
    """The session, what hands cameras to programs, and the browsers' switches."""
    if not runs(machine):
        yield Finding(
            "pipewire.off",
            "note",
            "PipeWire does not run in this session",
            "Without v4l2loopback no program sees SegCam",
            "systemctl --user start pipewire wireplumber",
        )
        return
    if not _loadable():
        yield Finding(
            "pipewire.library",
            "fault",
            "The library libpipewire-0.3.so.0 cannot be loaded",
            "SegCam cannot offer its PipeWire camera",
            "sudo apt-get install libpipewire-0.3-0",
        )
        return
    running = machine.processes()
    if not running & {"wireplumber", "pipewire-media-"}:
        yield Finding(
            "pipewire.session-manager",
            "fault",
            "PipeWire runs without a session manager",
            "Nothing links cameras to programs",
            "systemctl --user start wireplumber",
        )
    if not any(name.startswith("xdg-desktop-por") for name in running):
        yield Finding(
            "pipewire.portal",
            "note",
            "The desktop portal does not run",
            _PORTAL_WHY,
            "sudo apt-get install xdg-desktop-portal xdg-desktop-portal-gtk, then log in again",
        )
    yield Finding("pipewire.runs", "ok", "PipeWire runs in this session")
    yield from _browsers(machine)


def _loadable() -> bool:
    try:
        ctypes.CDLL("libpipewire-0.3.so.0")
    except OSError:
        return False
    return True


def _browsers(machine: Machine) -> Iterator[Finding]:
    if machine.home is None or machine.path("sys/module/v4l2loopback").is_dir():
        return  # they see the device as they are
    for name in CHROMIUM:
        state = machine.home / ".config" / name / "Local State"
        if state.is_file() and not _flag_is_set(state):
            yield Finding(
                "browser.chromium",
                "note",
                f"{name.rpartition('/')[2]} does not look for PipeWire cameras",
                "It does not list SegCam",
                f"Open chrome://flags/#{FLAG} there, choose Enabled, and relaunch",
            )
    for preferences in sorted(machine.home.glob(".mozilla/firefox/*/prefs.js")):
        if not _preference_is_set(preferences):
            yield Finding(
                "browser.firefox",
                "note",
                f"Firefox ({preferences.parent.name}) does not look for PipeWire cameras",
                "It does not list SegCam, unless its build asks PipeWire by itself",
                f"Open about:config there and set {PREFERENCE} to true",
            )


def _flag_is_set(state: Path) -> bool:
    with suppress(OSError, ValueError, AttributeError, TypeError):
        values = json.loads(state.read_text(encoding="utf-8"))
        experiments = values["browser"]["enabled_labs_experiments"] if "browser" in values else []
        return any(str(each).startswith(f"{FLAG}@1") for each in experiments)
    return False


def _preference_is_set(preferences: Path) -> bool:
    with suppress(OSError):
        text = preferences.read_text(encoding="utf-8", errors="replace")
        return bool(re.search(rf'user_pref\("{re.escape(PREFERENCE)}",\s*true\)', text))
    return False
