"""Sandboxed programs, which see a camera only with a permission."""

from __future__ import annotations

from collections.abc import Iterator

from segcam.doctor.base import Finding, Machine

SNAPS = (
    *("chromium", "firefox", "brave", "zoom-client", "discord", "slack", "obs-studio"),
    "teams-for-linux",
)
FLATPAKS = (
    "us.zoom.Zoom",
    "com.discordapp.Discord",
    "com.slack.Slack",
    "com.obsproject.Studio",
    "org.chromium.Chromium",
    "com.google.Chrome",
    "com.brave.Browser",
    "com.microsoft.Edge",
    "org.mozilla.firefox",
    "com.github.IsmaelMartinez.teams_for_linux",
)


def check(machine: Machine) -> Iterator[Finding]:
    """Check each program for calls that is installed as a snap or a flatpak."""
    for name in SNAPS:
        if machine.path("snap", name).is_dir():
            yield from _snap(machine, name)
    for name in FLATPAKS:
        if _flatpak_is_here(machine, name):
            yield from _flatpak(machine, name)


def _snap(machine: Machine, name: str) -> Iterator[Finding]:
    rows = (machine.ask(["snap", "connections", name]) or "").splitlines()
    camera = next((row.split() for row in rows if row.startswith("camera ")), None)
    if camera is not None and len(camera) > 2 and camera[2] == "-":
        yield Finding(
            "client.snap",
            "fault",
            f"The snap {name} may not use cameras",
            "It lists no camera, not even SegCam",
            f"sudo snap connect {name}:camera",
        )


def _flatpak_is_here(machine: Machine, name: str) -> bool:
    own = machine.home is not None and (machine.home / ".local/share/flatpak/app" / name).is_dir()
    return own or machine.path("var/lib/flatpak/app", name).is_dir()


def _flatpak(machine: Machine, name: str) -> Iterator[Finding]:
    permissions = machine.ask(["flatpak", "info", "--show-permissions", name])
    if permissions is None:
        return
    devices = [line for line in permissions.splitlines() if line.startswith("devices=")]
    if not any("all" in line for line in devices):
        yield Finding(
            "client.flatpak",
            "note",
            f"The flatpak {name} sees no V4L2 devices",
            "It lists SegCam only if it asks PipeWire for cameras",
            f"flatpak override --user --device=all {name}",
        )
