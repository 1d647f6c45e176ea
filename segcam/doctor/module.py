"""v4l2loopback: the kernel module for a camera that every program sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from segcam.doctor.base import Finding, Machine, State
from segcam.doctor.pipewire import runs as pipewire_runs
from segcam.v4l2.nodes import OWN_LABEL

LOAD = f"sudo modprobe v4l2loopback video_nr=10 card_label={OWN_LABEL} exclusive_caps=1"
RELOAD = f"sudo modprobe -r v4l2loopback; {LOAD}"
REBUILD = {
    "debian": "sudo apt-get install linux-headers-{0} && sudo dkms autoinstall -k {0}",
    "fedora": "sudo akmods --force --kernels {0}",
    "arch": "sudo pacman -S linux-headers && sudo dkms autoinstall -k {0}",
}
"""Command that builds the module for a kernel release."""
_REBUILD_ANYWHERE = "sudo dkms autoinstall -k {0}"
_ALONE = "Programs that only use V4L2 (Zoom, Teams, Discord, most browsers) do not see SegCam"
_SIGNATURE = b"~Module signature appended~\n"


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
                REBUILD.get(machine.distribution(), _REBUILD_ANYWHERE).format(machine.release),
            )
            return
        yield Finding(
            "loopback.missing",
            state,
            "v4l2loopback is not installed",
            _ALONE,
            machine.install("v4l2loopback-dkms"),
        )
    elif _secure_boot(machine) and not _is_signed(module):
        yield Finding(
            "loopback.unsigned",
            state,
            "Secure Boot is on, but v4l2loopback is not signed",
            "The kernel refuses to load it",
            f"sudo mokutil --import {_key(machine)}, reboot, choose Enroll MOK, then: "
            "sudo dkms install --force v4l2loopback",
        )
    else:
        yield Finding(
            "loopback.not-loaded", state, "v4l2loopback is installed but not loaded", _ALONE, LOAD
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
            RELOAD,
        )
        return
    node = machine.path("dev", own[0])
    if not machine.may_use(node):
        yield Finding(
            "loopback.forbidden",
            "fault",
            f"You may not open /dev/{own[0]}",
            "SegCam cannot write its picture",
            "sudo usermod -aG video $USER, then log in again",
        )
        return
    others = [each for each in machine.holders(f"/dev/{own[0]}") if not each.startswith("segcam")]
    written = machine.read("sys/class/video4linux", own[0], "state") == "capture"
    if written and others and not _segcam_writes(machine, own[0]):
        yield Finding(
            "loopback.busy",
            "fault",
            f"Another program writes to /dev/{own[0]}: {', '.join(others)}",
            "Only one program can write to it, so SegCam waits",
            "Close that program, or choose another device in it",
        )
        return
    if not _is_exclusive(machine, own[0]):
        yield Finding(
            "loopback.options",
            "fault",
            "v4l2loopback runs without exclusive_caps=1",
            "Chromium and programs based on it do not list a camera that is also an output",
            RELOAD,
        )
        return
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


def _key(machine: Machine) -> str:
    """The public half of the key that the distribution uses to sign local builds of modules."""
    ubuntus = "var/lib/shim-signed/mok/MOK.der"
    return f"/{ubuntus}" if machine.path(ubuntus).exists() else "/var/lib/dkms/mok.pub"


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
            "segcam setup",
        )


def _file(machine: Machine, release: str) -> Path | None:
    """The module's file for a kernel; None if there is none."""
    folder = machine.path("lib/modules", release)
    for line in machine.read("lib/modules", release, "modules.dep").splitlines():
        name = line.split(":", 1)[0]
        if Path(name).name.startswith("v4l2loopback.ko"):
            return folder / name
    return None


def _is_signed(module: Path) -> bool:
    if module.suffix != ".ko":
        return True  # compressed, as in distributions, which sign their modules
    try:
        return module.read_bytes().endswith(_SIGNATURE)
    except OSError:
        return True


def _secure_boot(machine: Machine) -> bool:
    folder = machine.path("sys/firmware/efi/efivars")
    try:
        return any(file.read_bytes()[-1:] == b"\1" for file in folder.glob("SecureBoot-*"))
    except OSError:
        return False


def _version(machine: Machine) -> str:
    return machine.read("sys/module/v4l2loopback/version") or "(unknown version)"
