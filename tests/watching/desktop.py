"""The parts of a desktop that browsers need for cameras: a display, and the portal on the bus.

The portal's GTK part ends if it finds no display, and then the portal ends, too. So there is a
display that nobody sees.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PARTS = ("org.freedesktop.impl.portal.desktop.gtk", "org.freedesktop.portal.Desktop")
PREFERRED = "[preferred]\ndefault=gtk\n"
_STORE = "org.freedesktop.impl.portal.PermissionStore"
_STORE_PATH = "/org/freedesktop/impl/portal/PermissionStore"


@contextmanager
def display(size: str = "640x480") -> Iterator[str]:
    """An X server without a screen; its name for DISPLAY."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.kill()


def portal_is_installed() -> bool:
    """Whether the bus knows how to start the portal and its part for GTK."""
    services = Path("/usr/share/dbus-1/services")
    return all((services / f"{part}.service").exists() for part in _PARTS)


def start_portal(home: Path) -> None:
    """Start the camera portal of the running bus, with the user's leave given beforehand.

    The bus starts it, and it ends with the bus.
    """
    preferences = home / ".config" / "xdg-desktop-portal" / "portals.conf"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(PREFERRED)
    allow_cameras()
    _call("org.freedesktop.DBus.Peer.Ping", "org.freedesktop.portal.Desktop", "/")


def allow_cameras() -> None:
    """Answer the portal's question once and for all, for programs that are no sandboxed app."""
    answer = ("string:devices", "boolean:true", "string:camera", "string:", "array:string:yes")
    _call(f"{_STORE}.SetPermission", _STORE, _STORE_PATH, *answer)


def _call(method: str, service: str, path: str, *arguments: str) -> None:
    command = ["dbus-send", "--session", "--print-reply", f"--dest={service}", path, method]
    subprocess.run([*command, *arguments], check=True, timeout=20, stdout=subprocess.DEVNULL)
