"""``segcam`` alone, on a desktop: the window and the tray icon, a program of their own."""

import os
import sys

from segcam import launch

MODULE = "segcam_ui"


def is_there() -> bool:
    """Whether there is a screen to show a window on, and what the window is made with."""
    from importlib.util import find_spec

    screen = sys.platform != "linux" or any(map(os.environ.get, ("WAYLAND_DISPLAY", "DISPLAY")))
    return bool(screen) and all(find_spec(module) for module in (MODULE, "PySide6"))


def become() -> None:
    """Be that program from here on; never returns."""
    command = launch.command(MODULE)
    os.execve(command[0], command, launch.environment())
