"""The webcams: whether there is one, whether it may be opened, and who has it."""

from __future__ import annotations

from collections.abc import Iterator

from segcam.doctor.base import Finding, Machine

_JOIN = "sudo usermod -aG video $USER, then log in again"
_VIDEO = "sys/class/video4linux"


def check(machine: Machine) -> Iterator[Finding]:
    """Each webcam in turn."""
    webcams = [
        name
        for name in machine.names(_VIDEO)
        if not machine.path(_VIDEO, name, "max_openers").exists()  # v4l2loopback's
        and machine.read(_VIDEO, name, "index") in ("", "0")  # others carry a camera's metadata
    ]
    if not webcams:
        yield Finding(
            "camera.none",
            "fault",
            "There is no webcam",
            "SegCam has nothing to show but its demo",
            "Plug one in. In a laptop: check the switch or key that turns it off",
        )
    for name in webcams:
        yield _one(machine, name)


def _one(machine: Machine, name: str) -> Finding:
    label = machine.read(_VIDEO, name, "name") or name
    if not machine.may_use(machine.path("dev", name)):
        why = "You are not in the group video"
        if "video" in machine.groups:
            why = "The system's rules forbid it"
        return Finding(
            "camera.forbidden", "fault", f"You may not open {label} (/dev/{name})", why, _JOIN
        )
    if holders := _holders(machine, f"/dev/{name}"):
        return Finding(
            "camera.busy",
            "note",
            f"{label} is in use by {', '.join(holders)}",
            "SegCam waits until it is free",
            "Choose SegCam in that program in place of the webcam",
        )
    return Finding("camera.ready", "ok", f"{label} (/dev/{name}) may be opened")


def _holders(machine: Machine, path: str) -> list[str]:
    """Programs but SegCam that have the device open, as far as the user may see."""
    found = set()
    for process in machine.names("proc"):
        if not process.isdigit():
            continue
        for descriptor in machine.names("proc", process, "fd"):
            link = machine.path("proc", process, "fd", descriptor)
            try:
                target = str(link.readlink())
            except OSError:  # closed meanwhile
                continue
            name = machine.read("proc", process, "comm")
            if target == path and not name.startswith("segcam"):
                found.add(name)
    return sorted(found)
