"""Finds libraries of SegCam that are missing or truncated, without loading them.

Loading a truncated library ends the process with SIGBUS, without a message. So commands check
this before they import the first library. `importlib.metadata` would be too slow for that.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence

from segcam import launch

PICTURE = ("numpy", "opencv-python-headless", "av", "ai-edge-litert")
"""Packages without which there is no picture."""
WINDOW = ("pyside6-essentials", "shiboken6")
"""Packages without which there is no window."""
SIZES = "_internal/segcam/sizes.txt"
"""File in a frozen folder, made by packaging/pyinstaller: a size in bytes and a name on each
line."""
NAMED = 5
"""Most damaged parts to name; the cure is the same for all."""
_LIBRARY = re.compile(r"[^\",]*\.(?:so|pyd|dll|dylib)\b[^\",/]*$")


def complaint(
    packages: Sequence[str],
    program: str | os.PathLike[str] = sys.executable,
) -> tuple[str, str] | None:
    """What is damaged here, and the cure; None if all is there.

    Args:
        packages: The packages to check; see `damaged`. A frozen folder is checked as a whole.
        program: The running program, beside Python or in the frozen folder.
    """
    folder = os.path.dirname(os.path.realpath(program) if launch.is_frozen() else program)
    if launch.is_frozen():
        names = damaged_files(folder)
        cure = "Install SegCam again, from the same package"
    else:
        names = damaged(packages)
        cure = f"{folder}/python -m pip install --force-reinstall {' '.join(names)}"
    if not names:
        return None
    return f"Parts of SegCam are missing or damaged: {', '.join(names[:NAMED])}", cure


def damaged_files(folder: str) -> list[str]:
    """The libraries of a frozen folder that are missing or have another size than at the build."""
    try:
        with open(f"{folder}/{SIZES}", encoding="utf-8") as file:
            sizes = [line.rstrip("\n").split(" ", 1) for line in file]
    except OSError:
        return [SIZES] if sys.platform == "linux" else []
    return [name for size, name in sizes if not _has_size(f"{folder}/{name}", int(size))]


def damaged(packages: Sequence[str]) -> list[str]:
    """Installed packages with a library that is missing or has the wrong size.

    Packages without pip's list of files, such as a distribution's own, cannot be checked.
    """
    return [name for name, place in _places(packages).items() if not _is_whole(*place)]


def _places(packages: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Where packages are installed, and the folder with their list of files, as Python finds it."""
    places: dict[str, tuple[str, str]] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for about in names:
            package = about.partition("-")[0].lower().replace("_", "-")
            if about.endswith(".dist-info") and package in packages:
                places.setdefault(package, (folder, about))
    return places


def _is_whole(folder: str, about: str) -> bool:
    try:
        with open(f"{folder}/{about}/RECORD", encoding="utf-8") as file:
            libraries = list(_libraries(file))
    except OSError:
        return True
    return all(_has_size(f"{folder}/{name}", size) for name, size in libraries)


def _libraries(record: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Names and sizes of the libraries in pip's list of a package's files."""
    for line in record:
        name, _, rest = line.rstrip().partition(",")
        size = rest.rpartition(",")[2]
        if size and _LIBRARY.match(name):
            yield name, int(size)


def _has_size(path: str, size: int) -> bool:
    try:
        return os.stat(path).st_size == size
    except OSError:
        return False
