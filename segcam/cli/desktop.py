"""``segcam`` without arguments on a desktop: the window and the tray icon, a separate program."""

import os
import sys

from segcam import launch

MODULE = "segcam_ui"


def is_there() -> bool:
    """Whether there are a screen and the packages of the window."""
    from importlib.util import find_spec

    screen = sys.platform != "linux" or any(map(os.environ.get, ("WAYLAND_DISPLAY", "DISPLAY")))
    return bool(screen) and all(find_spec(module) for module in (MODULE, "PySide6"))


def become() -> None:
    """Become that program; never returns."""
    command = launch.command(MODULE)
    os.execve(command[0], command, launch.environment())
