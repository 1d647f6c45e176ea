"""The machine's video nodes, their names, and the programs that have them open."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_DRIVER = "v4l2 loopback"
OWN_LABEL = "SegCam"
"""Label of the loopback device that SegCam writes to: the camera's name in every program."""

_CLASS = Path("/sys/class/video4linux")
_BY_ID = Path("/dev/v4l/by-id")


def video_nodes() -> list[str]:
    """Paths of all video nodes, by number."""
    if not _CLASS.is_dir():
        return []
    numbers = (node_number(entry.name) for entry in _CLASS.iterdir())
    return [f"/dev/video{number}" for number in sorted(n for n in numbers if n is not None)]


def node_number(path: str) -> int | None:
    """The N of /dev/videoN."""
    found = re.fullmatch(r"(?:/dev/)?video(\d+)", path)
    return int(found[1]) if found else None


def kernel_name(path: str) -> str:
    """A node's name without opening it: a camera's own, a loopback device's label."""
    try:
        return (_CLASS / Path(path).name / "name").read_text().strip()
    except OSError:
        return ""


def names_by_id() -> dict[str, str]:
    """The permanent path of each node, if udev gave it one."""
    if not _BY_ID.is_dir():
        return {}
    return {str(link.resolve()): str(link) for link in sorted(_BY_ID.iterdir(), reverse=True)}


def loopback_nodes() -> list[str]:
    """Paths of v4l2loopback's nodes, recognised by sysfs files that only its driver makes."""
    return [path for path in video_nodes() if (_CLASS / Path(path).name / "max_openers").exists()]


def holders(path: str) -> list[str]:
    """Names of the programs that have the node open, if this user may see them."""
    target = str(Path(path).resolve())
    return sorted({f"{holder.name} (process {holder.pid})" for holder in open_nodes([target])})


@dataclass(frozen=True, slots=True)
class Holder:
    """A program that has a node open; one for each open."""

    path: str
    pid: int
    name: str


def open_nodes(paths: Sequence[str]) -> Iterator[Holder]:
    """The holders of these nodes that this user may see. Slow: reads all of /proc."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or another user's
            for link in os.scandir(process / "fd"):  # there are thousands, so avoid Path objects
                target = _target(link.path)
                if target in paths:
                    name = (process / "comm").read_text().strip()
                    yield Holder(target, int(process.name), name)


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115
    except OSError:  # closed meanwhile, as always the descriptor that listed the folder
        return ""
