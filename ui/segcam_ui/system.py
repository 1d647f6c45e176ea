"""The system libraries that Qt needs, and their Debian packages.

``python system.py`` prints the missing packages. It needs only the standard library.
"""

from __future__ import annotations

import ctypes
import os
import sys

CORE = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
}
X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def missing(*tables: dict[str, str]) -> dict[str, str]:
    """Missing libraries, and Debian's packages for them; always empty except on Linux."""
    if sys.platform != "linux":
        return {}
    needed = {name: package for table in tables for name, package in table.items()}
    return {name: package for name, package in needed.items() if not _loads(name)}


def missing_here() -> dict[str, str]:
    """What is missing for a window on this desktop, as in `missing`."""
    wanted = WAYLAND if os.environ.get("WAYLAND_DISPLAY") else X11
    return missing(CORE, wanted)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(*missing(CORE, X11, WAYLAND).values())
