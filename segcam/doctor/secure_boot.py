"""Secure Boot: whether the kernel may load a module that was built on this computer."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

from segcam.doctor.base import Machine

_SIGNATURE = b"~Module signature appended~\n"
_LOCAL = ("dkms", "extra")
"""Folders of modules that were built on this computer, by dkms or akmods."""
_AKMODS, _UBUNTUS, _DKMS = (
    "etc/pki/akmods/certs/public_key.der",
    "var/lib/shim-signed/mok/MOK.der",
    "var/lib/dkms/mok.pub",
)
_TEST = 'LC_ALL=C mokutil --test-key "$1" || true'
_ENROL = "sudo mokutil --import /{key}, reboot, choose Enroll MOK"


def refusal(machine: Machine, module: Path) -> tuple[str, str]:
    """Why the kernel refuses to load the module, and the cure; both "" if it does not.

    Args:
        machine: The examined machine.
        module: The module's file.
    """
    if not _is_on(machine):
        return "", ""
    key = _key(machine)
    enrol = _ENROL.format(key=key)
    if not _is_signed(module):
        return "Secure Boot is on, but v4l2loopback is not signed", f"{_sign(machine)} && {enrol}"
    is_local = any(folder in module.parts for folder in _LOCAL) and machine.path(key).exists()
    told = machine.ask(["sh", "-c", _TEST, "sh", f"/{key}"]) if is_local else None
    if told and "is not enrolled" in told:
        return "Secure Boot does not know the key that v4l2loopback was signed with", enrol
    return "", ""


def _is_on(machine: Machine) -> bool:
    folder = machine.path("sys/firmware/efi/efivars")
    try:
        return any(file.read_bytes()[-1:] == b"\1" for file in folder.glob("SecureBoot-*"))
    except OSError:
        return False


def _is_signed(module: Path) -> bool:
    """Whether there is a signature; True if the file cannot be read, as with zstd."""
    try:
        content = module.read_bytes()
        if module.suffix == ".xz":
            content = lzma.decompress(content)
        elif module.suffix == ".gz":
            content = gzip.decompress(content)
        return content.endswith(_SIGNATURE) or module.suffix == ".zst"
    except (OSError, EOFError, lzma.LZMAError):
        return True


def _key(machine: Machine) -> str:
    """The public half of the key that the distribution uses to sign local builds of modules."""
    if machine.distribution() == "fedora":
        return _AKMODS
    return _UBUNTUS if machine.path(_UBUNTUS).exists() else _DKMS


def _sign(machine: Machine) -> str:
    """The command that builds and signs the module again."""
    if machine.distribution() == "fedora":
        return f"sudo kmodgenca -a; sudo akmods --force --rebuild --kernels {machine.release}"
    versions = machine.names("var/lib/dkms/v4l2loopback")
    version = next((name for name in reversed(versions) if name[:1].isdigit()), "VERSION")
    named = f"v4l2loopback/{version} -k {machine.release}"
    return f"sudo dkms build --force {named} && sudo dkms install --force {named}"
