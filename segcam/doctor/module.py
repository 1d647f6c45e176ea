"""v4l2loopback: the kernel module for a camera that every program sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from segcam.doctor import secure_boot
from segcam.doctor.base import Finding, Machine, State
from segcam.doctor.pipewire import runs as pipewire_runs
from segcam.v4l2.nodes import OWN_LABEL

SETUP = "segcam setup"
OWN_OPTIONS = "segcam.conf"
"""Name of SegCam's file in /etc/modprobe.d."""
_REBUILD_ANYWHERE = "sudo dkms autoinstall -k {0}"
_MERGE = (
    "Move SegCam's device and those of /etc/modprobe.d/{0} into one line in "
    "/etc/modprobe.d/segcam.conf, which has an example, then run: segcam setup"
)
_ALONE = "Programs that only use V4L2 (Zoom, Teams, Discord, most browsers) do not see SegCam"


def check(machine: Machine) -> Iterator[Finding]:
    """Check the module, its device, and whether both exist after the next start."""
    if not machine.path("sys/module/v4l2loopback").is_dir():
        yield from _not_loaded(machine)
        return
    yield Finding("loopback.loaded", "ok", f"v4l2loopback {_version(machine)} is loaded")
    yield from _device(machine)
    yield from _after_the_next_start(machine)


def _not_loaded(machine: Machine) -> Iterator[Finding]:
    # With PipeWire some programs see SegCam anyway.
    state: State = "note" if pipewire_runs(machine) else "fault"
    module = _file(machine, machine.release)
    if module is None:
        others = [name for name in machine.names("lib/modules") if _file(machine, name)]
        if others:
            yield Finding(
                "loopback.other-kernel",
                state,
                f"v4l2loopback is built for {', '.join(others)}, not for {machine.release}",
                _ALONE,
                SETUP if machine.distribution() else _REBUILD_ANYWHERE.format(machine.release),
            )
            return
        yield Finding(
            "loopback.missing",
            state,
            "v4l2loopback is not installed",
            _ALONE,
            SETUP if machine.distribution() else machine.install("v4l2loopback-dkms"),
        )
        return
    title, cure = secure_boot.refusal(machine, module)
    if title:
        why = "The kernel refuses to load it"
        yield Finding("loopback.unsigned", state, title, why, cure)
        return
    yield Finding(
        "loopback.not-loaded", state, "v4l2loopback is installed but not loaded", _ALONE, SETUP
    )


def _device(machine: Machine) -> Iterator[Finding]:
    labels = {
        name: machine.read("sys/class/video4linux", name, "name")
        for name in machine.names("sys/class/video4linux")
        if machine.path("sys/class/video4linux", name, "max_openers").exists()
    }
    own = [name for name, label in labels.items() if label == OWN_LABEL]
    if not own:
        yield Finding(
            "loopback.no-device",
            "fault",
            f"v4l2loopback has no device named {OWN_LABEL}"
            + (
                f", but {', '.join(f'{n} {label!r}' for n, label in labels.items())}" * bool(labels)
            ),
            _ALONE,
            _MERGE.format(other) if (other := _other_options(machine)) else SETUP,
        )
        return
    node = machine.path("dev", own[0])
    if not machine.may_use(node):
        yield Finding(
            "loopback.forbidden",
            "fault",
            f"You may not open /dev/{own[0]}",
            "SegCam cannot write its picture",
            machine.permit(node, "video"),
        )
        return
    others = [each for each in machine.holders(f"/dev/{own[0]}") if not each.startswith("segcam")]
    written = machine.read("sys/class/video4linux", own[0], "state") == "capture"
    is_busy = written and others and not _segcam_writes(machine, own[0])
    if is_busy:
        yield Finding(
            "loopback.busy",
            "fault",
            f"Another program writes to /dev/{own[0]}: {', '.join(others)}",
            "Only one program can write to it, so SegCam waits",
            "Close that program, or choose another device in it",
        )
    if not _is_exclusive(machine, own[0]):
        yield Finding(
            "loopback.options",
            "fault",
            "v4l2loopback runs without exclusive_caps=1",
            "Chromium and programs based on it do not list a camera that is also an output",
            SETUP,
        )
    elif not is_busy:
        yield Finding("loopback.device", "ok", f"The camera {OWN_LABEL} is /dev/{own[0]}")


def _segcam_writes(machine: Machine, node: str) -> bool:
    return any(name.startswith("segcam") for name in machine.holders(f"/dev/{node}"))


def _is_exclusive(machine: Machine, node: str) -> bool:
    """Whether it is either a camera or an output at a time, as Chromium and Zoom require.

    Asks the device itself, or reads the module's options if that is not possible.
    """
    able = machine.capabilities(machine.path("dev", node))
    if able is not None:
        return able.captures != able.outputs
    exclusive, numbers = (
        machine.read("sys/module/v4l2loopback/parameters", name).split(",")
        for name in ("exclusive_caps", "video_nr")
    )
    number = node.removeprefix("video")
    place = numbers.index(number) if number in numbers else 0
    return exclusive[place : place + 1] != ["N"]


def _other_options(machine: Machine) -> str:
    """Name of another program's file in /etc/modprobe.d with options for the module; "": none."""
    for name in machine.names("etc/modprobe.d"):
        lines = machine.read("etc/modprobe.d", name).splitlines()
        has_options = any(line.split()[:2] == ["options", "v4l2loopback"] for line in lines)
        if name != OWN_OPTIONS and has_options:
            return name
    return ""


def _after_the_next_start(machine: Machine) -> Iterator[Finding]:
    folders = ("etc/modules-load.d", "usr/lib/modules-load.d", "run/modules-load.d")
    named = [
        name
        for folder in folders
        for name in machine.names(folder)
        if "v4l2loopback" in machine.read(folder, name)
    ]
    if not named:
        yield Finding(
            "loopback.at-start",
            "note",
            "v4l2loopback will not be loaded when the computer starts",
            "After a reboot there is no virtual camera until it is loaded",
            SETUP,
        )


def _file(machine: Machine, release: str) -> Path | None:
    """The module's file for a kernel; None if there is none."""
    folder = machine.path("lib/modules", release)
    for line in machine.read("lib/modules", release, "modules.dep").splitlines():
        name = line.split(":", 1)[0]
        if Path(name).name.startswith("v4l2loopback.ko"):
            return folder / name
    return None


def _version(machine: Machine) -> str:
    return machine.read("sys/module/v4l2loopback/version") or "(unknown version)"
