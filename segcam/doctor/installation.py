"""SegCam itself: whether it is complete, and whether there is more than one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from segcam import intact
from segcam.doctor.base import Finding, Machine

PACKAGES = (*intact.PICTURE, *intact.WINDOW, "onnx", "onnxruntime", "onnxruntime-gpu", "openvino")
"""The packages with libraries."""
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
            "Files of two versions may be mixed",
            "sudo dpkg --configure -a && sudo apt-get install --fix-broken",
        )
    if complaint := intact.complaint(PACKAGES, machine.program):
        title, cure = complaint
        why = "It may not start, or crash without a message"
        yield Finding("install.incomplete", "fault", title, why, cure)


def check_copies(machine: Machine) -> Iterator[Finding]:
    """Check for other installations that a command or an icon may start instead."""
    for other in _others(machine):
        told = (machine.ask([str(other), "--version"]) or "").strip()
        yield Finding(
            "install.several",
            "note",
            f"There is another SegCam: {other}" + f" ({told})" * bool(told),
            f"This one is {machine.program}. Both use the same settings, and only one can run at "
            "a time",
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
        return "To remove the other one: sudo apt-get remove segcam"
    if "/pipx/" in program:
        return "To remove the other one: pipx uninstall segcam"
    return "Remove the one that you do not need"


def check_autostart(machine: Machine) -> Iterator[Finding]:
    """Check whether the program that is started at login still exists."""
    for name in (UNIT, DESKTOP) if machine.home is not None else ():
        started = _START.search(machine.read(str(machine.home), name))
        program = machine.path(started[1].lstrip("/")) if started else None
        if program is not None and not program.exists():
            yield Finding(
                "install.autostart",
                "note",
                f"At login, {program} is started, which no longer exists",
                f"~/{name} contains it; SegCam was moved or removed since",
                "segcam autostart on",
            )
