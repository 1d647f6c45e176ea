"""Webcams: whether there is one, whether the user may open it, and which program has it."""

from __future__ import annotations

from collections.abc import Iterator

from segcam.doctor.base import Finding, Machine

_VIDEO = "sys/class/video4linux"


def check(machine: Machine) -> Iterator[Finding]:
    """Check each webcam."""
    webcams = [
        name
        for name in machine.names(_VIDEO)
        if not machine.path(_VIDEO, name, "max_openers").exists()  # not v4l2loopback
        and machine.read(_VIDEO, name, "index") in ("", "0")  # others carry a camera's metadata
    ]
    if not webcams:
        yield Finding(
            "camera.none",
            "fault",
            "There is no webcam",
            "SegCam can only show its demo",
            "Plug one in. On a laptop: check the switch or key that turns the webcam off",
        )
    for name in webcams:
        yield _one(machine, name)


def _one(machine: Machine, name: str) -> Finding:
    label = machine.read(_VIDEO, name, "name") or name
    node = machine.path("dev", name)
    if not machine.may_use(node):
        why = "You are not in the group video"
        if "video" in machine.groups:
            why = "The device's permissions do not allow it"
        return Finding(
            "camera.forbidden",
            "fault",
            f"You may not open {label} (/dev/{name})",
            why,
            machine.permit(node, "video"),
        )
    others = [each for each in machine.holders(f"/dev/{name}") if not each.startswith("segcam")]
    if others:
        return Finding(
            "camera.busy",
            "note",
            f"{label} is in use by {', '.join(others)}",
            "SegCam waits until it is free",
            "Choose SegCam instead of the webcam in that program",
        )
    return Finding("camera.ready", "ok", f"{label} (/dev/{name}) can be opened")
