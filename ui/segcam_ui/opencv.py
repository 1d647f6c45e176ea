"""OpenCV's wheel with a window system of its own: an older Qt, which gets in the way of ours.

It is found without importing it, by the names of what is installed.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from importlib.metadata import PackageNotFoundError, distribution

from segcam.errors import MissingDependency

WHEELS = ("opencv-python", "opencv-contrib-python")
_LEADS_TO_IT = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""What importing it sets, for this process and its children."""


def find_clash() -> MissingDependency | None:
    """What is wrong with the installed OpenCV; None where nothing is."""
    if not any(_is_installed(name) for name in WHEELS):
        return None
    return MissingDependency(
        "OpenCV is installed with a window system of its own",
        "It brings an older Qt, with which this window may not start",
        "Install opencv-python-headless instead",
    )


def forget_its_qt(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take its Qt out of the environment that a parent has left. Before Qt starts."""
    for name in _LEADS_TO_IT:
        if f"{os.sep}cv2{os.sep}" in environment.get(name, ""):
            del environment[name]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
