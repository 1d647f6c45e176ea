"""Boot the prepared kernel on this machine's own root, read-only, and run a command in it.

    python tests/vm/boot.py 0.15.0 python -m pytest tests/vm

The command runs as root in the project's folder, with this machine's programs and virtual
environment, and without a network. Returns its exit status. Where the processor has to be emulated,
it is more than a hundred times slower.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from prepare import GST_REGISTRY, HERE, INITRAMFS, KERNEL_ROOT, VMLINUX, main, module_path

LIMIT_S = 900
NEVER_ENDED = 99


def boot(version: str, command: list[str], limit_s: float = LIMIT_S) -> int:
    """Run a command in a fresh guest.

    Args:
        version: Of v4l2loopback; the guest finds the module's path in SEGCAM_VM_LOOPBACK.
        command: Program and arguments.
        limit_s: After which the guest is switched off.

    Returns:
        The command's status, or NEVER_ENDED.
    """
    main([version])
    with tempfile.TemporaryDirectory() as out:
        (Path(out) / "command").write_text(_script(version, command))
        try:
            subprocess.run(_qemu(out), stdin=subprocess.DEVNULL, timeout=limit_s, check=False)
        except subprocess.TimeoutExpired:
            print(f"The guest was switched off after {limit_s} s", file=sys.stderr)
        status = Path(out) / "status"
        return int(status.read_text()) if status.exists() else NEVER_ENDED


def _script(version: str, command: list[str]) -> str:
    settings = {
        "SEGCAM_VM_LOOPBACK": module_path(version),
        "SEGCAM_VM_MODULES": KERNEL_ROOT,
        "HOME": Path.home(),
        "GST_REGISTRY": GST_REGISTRY,
        "GST_REGISTRY_UPDATE": "no",
        "PYTHONDONTWRITEBYTECODE": 1,
    }
    lines = [f"export {name}={shlex.quote(str(value))}" for name, value in settings.items()]
    lines += [f"cd {shlex.quote(str(HERE.parents[1]))}", f"exec {shlex.join(command)}"]
    return "\n".join(lines) + "\n"


def _qemu(out: str) -> list[str]:
    arguments = f"console=ttyS0 quiet panic=-1 mitigations=off segcam.init={HERE}/guest-init.sh"
    return [
        *("qemu-system-x86_64", "-M", "q35", "-smp", "2", "-m", "4096"),
        *_accelerator(),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-serial", "stdio", "-net", "none", "-device", "virtio-rng-pci"),
        *_share("root", "/", "readonly=on,multidevs=remap"),
        *_share("out", out, "readonly=off"),
        *("-kernel", str(VMLINUX), "-initrd", str(INITRAMFS), "-append", arguments),
    ]


def _accelerator() -> list[str]:
    # A /dev/kvm without vmx or svm is that of a guest itself, and hangs an ordinary kernel.
    flags = Path("/proc/cpuinfo").read_text().split()
    if {"vmx", "svm"} & set(flags) and os.access("/dev/kvm", os.W_OK):
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


def _share(tag: str, path: str, options: str) -> list[str]:
    folder = f"local,id={tag},path={path},security_model=none,{options}"
    return ["-fsdev", folder, "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]


if __name__ == "__main__":
    sys.exit(boot(sys.argv[1], sys.argv[2:]))
