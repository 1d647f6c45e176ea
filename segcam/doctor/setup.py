"""Cures that need no decision: the kernel module, its options, and the groups."""

from __future__ import annotations

import getpass
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segcam import distribution
from segcam.doctor import module, processors
from segcam.doctor.base import Machine
from segcam.errors import MissingDependency
from segcam.v4l2.nodes import OWN_LABEL

_SOURCE = Path(__file__).parent / "v4l2loopback"
FILES = {
    "modprobe.d-segcam.conf": "etc/modprobe.d/segcam.conf",
    "modules-load.d-segcam.conf": "etc/modules-load.d/segcam.conf",
}
"""Files next to this module, and their places in the system."""
# Self-built kernels have no package of headers, but may have the headers.
_HEADERS = {
    "debian": "apt-get install -y linux-headers-{0} || true",
    "fedora": "dnf install -y kernel-devel-{0} || true",
    "arch": "pacman -S --noconfirm --needed {1} || true",
}
_INSTALL = {
    "debian": "apt-get install -y v4l2loopback-dkms",
    "fedora": "dnf install -y akmod-v4l2loopback; akmods --force --kernels {0}",
    "arch": "pacman -S --noconfirm --needed v4l2loopback-dkms",
}
_REBUILD = {
    "debian": "dkms autoinstall -k {0}",
    "fedora": "akmods --force --kernels {0}",
    "arch": "dkms autoinstall -k {0}",
}
"""Commands by package family; {0} is the kernel's release, {1} Arch's package of its headers."""
_UNLOAD = "modprobe -r v4l2loopback"
_LEFT_LOADED = frozenset({"loopback.device", "loopback.busy", "loopback.forbidden"})
"""Findings of a module that is loaded already."""
_UNLOADABLE = frozenset({"loopback.unsigned", "loopback.missing", "loopback.other-kernel"})
"""Findings of a module that cannot be loaded; setup may not know how to install it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do as root.

    Attributes:
        title: What it does, for the user.
        command: A shell command line.
    """

    title: str
    command: str


def steps(machine: Machine) -> list[Step]:
    """The steps for a camera that every program sees; empty if nothing is missing."""
    return [*_install(machine), *_options(machine), *_load(machine), *_groups(machine)]


def undoing(machine: Machine) -> list[Step]:
    """The steps that remove files and camera.

    The module's package and the groups stay, and so does a module with other programs' devices.
    """
    found = [
        Step(f"Remove /{target}", f"rm -f {machine.path(target)}")
        for target in FILES.values()
        if machine.path(target).exists()
    ]
    if any(
        machine.read("sys/class/video4linux", name, "name") == OWN_LABEL
        for name in machine.names("sys/class/video4linux")
    ):
        found.append(Step("Unload v4l2loopback", _UNLOAD))
    return found


def command_for(todo: list[Step], machine: Machine) -> list[str]:
    """One command that runs all steps as root; it stops at the first failure, with status 1.

    Other statuses are those of pkexec or sudo.

    Raises:
        MissingDependency: There is neither sudo nor pkexec.
    """
    script = "trap 'test $? = 0 || exit 1' EXIT\nset -e\n" + "\n".join(
        step.command for step in todo
    )
    shell = ["sh", "-c", script]
    if machine.is_root:
        return shell
    on_a_desktop = machine.environ.get("DISPLAY") or machine.environ.get("WAYLAND_DISPLAY")
    for program in ("pkexec", "sudo") if on_a_desktop else ("sudo", "pkexec"):
        if shutil.which(program):
            return [program, *shell]
    raise MissingDependency("Neither sudo nor pkexec is installed", "", "Run segcam setup as root")


def users_of_the_module(todo: list[Step], machine: Machine) -> list[str]:
    """Programs that prevent unloading the module, if that is one of the steps."""
    if not any(step.command.startswith(_UNLOAD) for step in todo):
        return []
    nodes = [
        f"/dev/{name}"
        for name in machine.names("sys/class/video4linux")
        if machine.path("sys/class/video4linux", name, "max_openers").exists()
    ]
    return sorted({name for name, opened in machine.open_files() if opened in nodes})


def left_to_the_user(machine: Machine) -> list[str]:
    """The remaining steps for the user, with a password or a restart; may be empty."""
    return [
        f"{finding.title}. {finding.cure}"
        for finding in module.check(machine)
        if finding.code in _UNLOADABLE and finding.cure != module.SETUP
    ]


def _install(machine: Machine) -> Iterator[Step]:
    found, family = _codes(machine), machine.distribution()
    if not family:
        return
    values = machine.release, distribution.arch_headers(machine.release)
    headers = _HEADERS[family].format(*values)
    if "loopback.missing" in found:
        if family == "fedora" and not distribution.has_rpm_fusion(machine.root):
            yield Step("Add the RPM Fusion repository", f"dnf install -y {distribution.RPM_FUSION}")
        yield Step("Install v4l2loopback", f"{headers}; {_INSTALL[family].format(*values)}")
    if "loopback.other-kernel" in found:
        command = f"{headers}; {_REBUILD[family].format(*values)}"
        yield Step(f"Build v4l2loopback for the kernel {machine.release}", command)


def _options(machine: Machine) -> Iterator[Step]:
    differs = "loopback.options" in _codes(machine)
    for name, target in FILES.items():
        text, now = (_SOURCE / name).read_text(encoding="utf-8"), machine.read(target)
        is_module_list = name.startswith("modules-load")
        # The user may have added other devices to the options, or written the list elsewhere.
        is_enough = "v4l2loopback" in now if is_module_list else OWN_LABEL in now and not differs
        if not is_enough and now != text.strip():
            lines = " ".join(map(shlex.quote, text.splitlines()))
            yield Step(f"Write /{target}", f"printf '%s\\n' {lines} > {machine.path(target)}")


def _load(machine: Machine) -> Iterator[Step]:
    found = _codes(machine)
    differs = bool(found & {"loopback.no-device", "loopback.options"})
    if differs:
        yield Step("Unload v4l2loopback, which has different options", _UNLOAD)
    if differs or not (found & _LEFT_LOADED or left_to_the_user(machine)):
        yield Step("Load v4l2loopback", "modprobe v4l2loopback")


def _groups(machine: Machine) -> Iterator[Step]:
    if machine.is_root:
        return
    user = shlex.quote(getpass.getuser())
    if "video" not in machine.groups:
        yield Step("Allow you to open cameras, from your next login", f"usermod -aG video {user}")
    forbidden = any(processors.JOIN in finding.cure for finding in processors.check(machine))
    if forbidden and "render" not in machine.groups:
        yield Step(
            "Allow you to use GPU and NPU, from your next login", f"usermod -aG render {user}"
        )


def _codes(machine: Machine) -> set[str]:
    return {finding.code for finding in module.check(machine)}
