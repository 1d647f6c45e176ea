"""Finds OpenCV's wheel with its own, older Qt, which disturbs ours.

It is found by the names of installed packages, without an import.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from segcam.errors import MissingDependency

WHEELS = ("opencv-python", "opencv-contrib-python")
_LEADS_TO_IT = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""Variables that its import sets, for this process and its children."""


def find_clash() -> MissingDependency | None:
    """What is wrong with the installed OpenCV, or None."""
    if not any(_is_installed(name) for name in WHEELS):
        return None
    return MissingDependency(
        "OpenCV is installed with a window system of its own",
        "It brings an older Qt, with which this window may not start",
        "Install opencv-python-headless instead",
    )


def forget_its_qt(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove its Qt from the inherited environment. Call before Qt starts."""
    for name in _LEADS_TO_IT:
        if f"{os.sep}cv2{os.sep}" in environment.get(name, ""):
            del environment[name]


def _is_installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution  # slow; nobody waits for it

    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
