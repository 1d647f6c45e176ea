"""SegCam itself: whether it is complete, and whether there is more than one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from segcam import launch
from segcam.doctor.base import Finding, Machine, is_linux

PARTS = ("numpy", "opencv-python-headless", "av", "ai-edge-litert")
"""Packages without which there is no picture."""
SIZES = "_internal/segcam/sizes.txt"
"""File in a frozen folder, made by packaging/pyinstaller: a size in bytes and a name on each
line."""
NAMED = 5
"""Most damaged parts to name; the cure is the same for all."""
UNIT = ".config/systemd/user/segcam.service"
DESKTOP = ".config/autostart/segcam.desktop"
_START = re.compile(r'^Exec(?:Start)?="?([^"\s]+)', re.MULTILINE)


def check_parts(machine: Machine) -> Iterator[Finding]:
    """Check for an interrupted installation or damaged files."""
    state = machine.ask(["dpkg-query", "-W", "-f=${db:Status-Status}", "segcam"]) or "installed"
    if state not in ("installed", "not-installed", "config-files"):
        yield Finding(
            "install.interrupted",
            "fault",
            f"The package segcam is {state}: its installation was interrupted",
            "Parts of two versions may lie side by side",
            "sudo dpkg --configure -a && sudo apt-get install --fix-broken",
        )
    frozen = launch.is_frozen()
    names = damaged_files(machine.program.resolve().parent) if frozen else damaged(PARTS)
    if names:
        python = machine.program.with_name("python")
        yield Finding(
            "install.incomplete",
            "fault",
            f"Parts of SegCam are missing or cut: {', '.join(names[:NAMED])}",
            "It may not start, or end without a word",
            "Install SegCam again, by the same package"
            if frozen
            else f"{python} -m pip install --force-reinstall {' '.join(names)}",
        )


def damaged_files(folder: Path) -> list[str]:
    """The libraries of a frozen folder that are missing or have another size than at the build."""
    try:
        lines = (folder / SIZES).read_text(encoding="utf-8").splitlines()
    except OSError:
        return [SIZES] if is_linux() else []
    sizes = (line.split(" ", 1) for line in lines)
    return [name for size, name in sizes if not _has_size(folder / name, int(size))]


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def damaged(packages: Sequence[str]) -> list[str]:
    """Packages that are not installed, or have a library of the wrong size."""
    return [name for name in packages if not _is_whole(name)]


def _is_whole(package: str) -> bool:
    try:
        files = list(_libraries(distribution(package)))
    except PackageNotFoundError:
        return False
    return all(_has_size(Path(str(file.locate())), file.size or 0) for file in files)


def _libraries(package: Distribution) -> Iterator[PackagePath]:
    for file in package.files or ():
        if file.size is not None and (".so" in file.name or file.suffix in (".dll", ".pyd")):
            yield file


def check_copies(machine: Machine) -> Iterator[Finding]:
    """Check for other installations that a command or an icon may start instead."""
    for other in _others(machine):
        told = (machine.ask([str(other), "--version"]) or "").strip()
        yield Finding(
            "install.several",
            "note",
            f"There is another SegCam: {other}" + f" ({told})" * bool(told),
            f"Here it is {machine.program}. Both use the same settings, and one runs at a time",
            _removal(str(other)),
        )


def _others(machine: Machine) -> list[Path]:
    folders = machine.environ.get("PATH", "").split(os.pathsep)
    places = [machine.path(folder.lstrip("/")) for folder in folders if folder.startswith("/")]
    places += [machine.path("usr/bin")]
    if machine.home is not None:
        places.append(machine.home / ".local/bin")
    programs = dict.fromkeys((place / "segcam").resolve() for place in places if _runs(place))
    programs.pop(machine.program.resolve(), None)
    return list(programs)


def _runs(folder: Path) -> bool:
    return os.access(folder / "segcam", os.X_OK)


def _removal(program: str) -> str:
    if program.startswith("/usr/lib/segcam/"):
        return "If you do not want that one: sudo apt-get remove segcam"
    if "/pipx/" in program:
        return "If you do not want that one: pipx uninstall segcam"
    return "Remove the one that you do not want"


def check_autostart(machine: Machine) -> Iterator[Finding]:
    """Check whether the program that is started at login still exists."""
    for name in (UNIT, DESKTOP) if machine.home is not None else ():
        started = _START.search(machine.read(str(machine.home), name))
        program = machine.path(started[1].lstrip("/")) if started else None
        if program is not None and not program.exists():
            yield Finding(
                "install.autostart",
                "note",
                f"At login {program} is to be started, which is gone",
                f"~/{name} names it, from before SegCam was moved or removed",
                "segcam autostart on",
            )
