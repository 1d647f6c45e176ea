"""The machine's video nodes: which there are, under which names, and who holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LOOPBACK_DRIVER = "v4l2 loopback"
OWN_LABEL = "SegCam"
"""Card label of the loopback device that SegCam writes to: the camera's name in every program."""

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
    """A node's name without opening it: a camera's own, a loopback device's card label."""
    try:
        return (_CLASS / Path(path).name / "name").read_text().strip()
    except OSError:
        return ""


def names_by_id() -> dict[str, str]:
    """For each node that udev gave a lasting name: that name's path."""
    if not _BY_ID.is_dir():
        return {}
    return {str(link.resolve()): str(link) for link in sorted(_BY_ID.iterdir(), reverse=True)}


def holders(path: str) -> list[str]:
    """Names of the programs that have the node open, as far as this user may see them."""
    return sorted(set(_holders(str(Path(path).resolve()))))


def _holders(target: str) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile, or another user's
            if any(_leads_to(link, target) for link in (process / "fd").iterdir()):
                yield f"{(process / 'comm').read_text().strip()} (process {process.name})"


def _leads_to(link: Path, target: str) -> bool:
    try:
        return str(link.readlink()) == target
    except OSError:  # closed meanwhile, as the one that listed the folder always is
        return False
