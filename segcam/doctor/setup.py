"""The cures that need no thought: the kernel module, its options, and the groups."""

from __future__ import annotations

import getpass
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segcam.doctor import module
from segcam.doctor.base import Machine
from segcam.errors import MissingDependency

_SOURCE = Path(__file__).parent / "v4l2loopback"
FILES = {
    "modprobe.d-segcam.conf": "etc/modprobe.d/segcam.conf",
    "modules-load.d-segcam.conf": "etc/modules-load.d/segcam.conf",
}
"""What lies beside this file, and where the system reads it."""
_INSTALL = {
    "debian": "apt-get install -y v4l2loopback-dkms",
    "fedora": "dnf install -y akmod-v4l2loopback",
    "arch": "pacman -S --noconfirm v4l2loopback-dkms linux-headers",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do as root.

    Attributes:
        title: What it does, for people.
        command: A line of shell.
    """

    title: str
    command: str


def steps(machine: Machine) -> list[Step]:
    """What is missing for a camera that every program sees; empty where nothing is."""
    return [*_install(machine), *_options(machine), *_load(machine), *_groups(machine)]


def undoing(machine: Machine) -> list[Step]:
    """What takes back the files and the camera. The module's package and the groups stay."""
    found = [
        Step(f"Remove /{target}", f"rm -f {machine.path(target)}")
        for target in FILES.values()
        if machine.path(target).exists()
    ]
    if machine.path("sys/module/v4l2loopback").is_dir():
        found.append(Step("Unload v4l2loopback", "modprobe -r v4l2loopback"))
    return found


def command_for(todo: list[Step], machine: Machine) -> list[str]:
    """One command that does all steps as root; it stops at the first that fails.

    Raises:
        MissingDependency: There is neither sudo nor pkexec.
    """
    script = "set -e\n" + "\n".join(step.command for step in todo)
    shell = ["sh", "-c", script]
    if machine.is_root:
        return shell
    on_a_desktop = machine.environ.get("DISPLAY") or machine.environ.get("WAYLAND_DISPLAY")
    for program in ("pkexec", "sudo") if on_a_desktop else ("sudo", "pkexec"):
        if shutil.which(program):
            return [program, *shell]
    raise MissingDependency("Neither sudo nor pkexec is installed", "", "Run segcam setup as root")


def _install(machine: Machine) -> Iterator[Step]:
    command = _INSTALL.get(machine.distribution())
    if command and not _module_is_here(machine):
        yield Step("Install v4l2loopback", command)


def _options(machine: Machine) -> Iterator[Step]:
    for name, target in FILES.items():
        text = (_SOURCE / name).read_text(encoding="utf-8")
        if machine.read(target) != text.strip():
            yield Step(
                f"Write /{target}", f"printf %s {shlex.quote(text)} > {machine.path(target)}"
            )


def _load(machine: Machine) -> Iterator[Step]:
    found = {finding.code for finding in module.check(machine)}
    if "loopback.device" in found:
        return
    if found & {"loopback.no-device", "loopback.options"}:
        yield Step("Unload v4l2loopback, which has other options", "modprobe -r v4l2loopback")
    if "loopback.forbidden" not in found:
        yield Step("Load v4l2loopback", "modprobe v4l2loopback")


def _groups(machine: Machine) -> Iterator[Step]:
    if not machine.is_root and "video" not in machine.groups:
        user = shlex.quote(getpass.getuser())
        yield Step("Let you open cameras, from the next login on", f"usermod -aG video {user}")


def _module_is_here(machine: Machine) -> bool:
    missing = {"loopback.missing", "loopback.other-kernel"}
    return not missing & {finding.code for finding in module.check(machine)}
