"""``segcam`` without arguments on a desktop: the window and the tray icon."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

MODULE = "segcam_ui"


def is_there() -> bool:
    """Whether there are a screen and the packages of the window."""
    from importlib.util import find_spec

    screen = sys.platform != "linux" or any(map(os.environ.get, ("WAYLAND_DISPLAY", "DISPLAY")))
    return bool(screen) and all(find_spec(module) for module in (MODULE, "PySide6"))


def become() -> "NoReturn":
    """Run that program in this process: starting Python anew would take longer."""
    from importlib import import_module

    sys.exit(import_module(f"{MODULE}.__main__").main())
