"""Findings, and the machine that the checks examine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from segcam import distribution, launch

State = Literal["ok", "note", "fault"]
"""In this order: works; works but could be better; prevents programs from getting a picture."""
ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        code: Stable identifier, also the heading of the troubleshooting page.
        state: See `State`.
        title: The finding, one sentence without a full stop.
        why: Its effect on a call.
        cure: One command or instruction; "" if there is nothing to do.
    """

    code: str
    state: State
    title: str
    why: str = ""
    cure: str = ""

    def as_dict(self) -> dict[str, str]:
        """Plain JSON values."""
        return asdict(self)


def ask(command: Sequence[str]) -> str | None:
    """The output of a program; None if it is missing, fails or hangs."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_S, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities that a V4L2 node reports at present."""

    captures: bool
    outputs: bool


def capabilities(node: Path) -> Capabilities | None:
    """A node's answer to programs that look for cameras; None if it cannot be asked."""
    if sys.platform != "linux":
        return None
    from segcam.v4l2.device import Device

    try:
        with Device(str(node)) as device:
            found = device.identity()
    except OSError:
        return None
    return Capabilities(found.captures, found.outputs)


def own_program() -> Path:
    """The ``segcam`` program of this process."""
    program = Path(sys.executable)
    return program if launch.is_frozen() else program.with_name("segcam")


def _groups() -> frozenset[str]:
    if sys.platform == "win32":
        return frozenset()
    import grp

    names = set()
    for number in {*os.getgroups(), os.getegid()}:
        with suppress(KeyError):  # the id has no name here
            names.add(grp.getgrgid(number).gr_name)
    return frozenset(names)


def _home() -> Path | None:
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return None


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


@dataclass(frozen=True, slots=True)
class Machine:
    """The checks' view of the machine, which tests can replace.

    Attributes:
        root: The folder of ``dev``, ``sys``, ``proc``, ``etc``, ``lib``.
        release: The running kernel's.
        environ: The environment of this process.
        home: The user's home; None if there is none.
        groups: Names of the user's groups.
        is_root: Whether the user is root.
        ask: Runs a program; see `ask`.
        capabilities: Asks a V4L2 node; see `capabilities`.
        program: The running ``segcam``; see `own_program`.
    """

    root: Path = Path("/")
    release: str = field(default_factory=platform.release)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path | None = field(default_factory=_home)
    groups: frozenset[str] = field(default_factory=_groups)
    is_root: bool = field(default_factory=_is_root)
    ask: Callable[[Sequence[str]], str | None] = ask
    capabilities: Callable[[Path], Capabilities | None] = capabilities
    program: Path = field(default_factory=own_program)

    def path(self, *parts: str) -> Path:
        """A path below the root."""
        return self.root.joinpath(*parts)

    def read(self, *parts: str) -> str:
        """A small file's text, stripped; "" if it cannot be read."""
        try:
            return self.path(*parts).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def processes(self) -> frozenset[str]:
        """Names of all running programs, cut to 15 characters by the kernel."""
        found = (
            self.read("proc", entry, "comm") for entry in self.names("proc") if entry.isdigit()
        )
        return frozenset(name for name in found if name)

    def descriptors(self) -> Iterator[tuple[str, str, str]]:
        """A process, a descriptor and the file behind it, for all that the user may see."""
        for process in self.names("proc"):
            if not process.isdigit():
                continue
            for descriptor in self.names("proc", process, "fd"):
                link = self.path("proc", process, "fd", descriptor)
                with suppress(OSError):  # closed meanwhile
                    yield process, descriptor, str(link.readlink())

    def open_files(self) -> Iterator[tuple[str, str]]:
        """A program's name and an open file of it, for each descriptor that the user may see."""
        for process, _, target in self.descriptors():
            yield self.read("proc", process, "comm"), target

    def holders(self, target: str) -> list[str]:
        """Names of the programs that have a file open, sorted."""
        return sorted({name for name, opened in self.open_files() if opened == target})

    def names(self, *parts: str) -> list[str]:
        """The names in a folder, sorted; empty if it cannot be read."""
        try:
            return sorted(entry.name for entry in self.path(*parts).iterdir())
        except OSError:
            return []

    def may_use(self, path: Path) -> bool:
        """Whether the user may read and write a device."""
        return os.access(path, os.R_OK | os.W_OK)

    def permit(self, path: Path, group: str) -> str:
        """The cure for a device that the user may not open, in a folder named dev.

        Args:
            path: The device.
            group: The group that usually may open it.
        """
        if group not in self.groups:
            return f"sudo usermod -aG {group} $USER, then log in again"
        node = f"/{path.relative_to(self.root)}"
        return f"sudo chgrp {group} {node} && sudo chmod g+rw {node}"

    def distribution(self) -> str:
        """The package family: "debian", "fedora", "arch" or ""."""
        return distribution.family(self.root)

    def install(self, *packages: str) -> str:
        """The cure for missing packages, which Debian's names tell; see `distribution.install`."""
        return distribution.install(*packages, root=self.root)


Check = Callable[[Machine], Iterator[Finding]]


def is_linux() -> bool:
    """Whether the checks of the Linux desktop apply."""
    return sys.platform == "linux"
