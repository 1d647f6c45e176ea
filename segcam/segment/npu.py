"""Finds out which requirement of Intel's NPUs is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

GENERATIONS = {"0x7d1d": 3720, "0xad1d": 3720, "0x643e": 4000, "0xb03e": 5010}
"""Generations by PCI device id. Source: Linux, drivers/accel/ivpu."""
PACKAGES = "Install the packages of https://github.com/intel/linux-npu-driver/releases"
JOIN = "sudo usermod -aG render $USER, then log in again"
_INTEL = "0x8086"
_DRIVER, _COMPILER = "libze_intel_npu.so", "libnpu_driver_compiler.so"
_LIBRARIES = (
    *("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib", "usr/local/lib"),
    *("usr/local/lib64", "usr/local/lib/x86_64-linux-gnu", "run/opengl-driver/lib"),
)


def generation(root: Path = Path("/")) -> int | None:
    """The NPU's generation; None if there is no known NPU.

    Args:
        root: Where ``sys`` is.
    """
    for folder in sorted((root / "sys/bus/pci/devices").glob("*")):
        if _read(folder / "vendor") == _INTEL and _read(folder / "device") in GENERATIONS:
            return GENERATIONS[_read(folder / "device")]
    return None


def _may_use(node: Path) -> bool:
    return os.access(node, os.R_OK | os.W_OK)


def lacks_of_kernel(
    root: Path = Path("/"), may_use: Callable[[Path], bool] = _may_use
) -> tuple[str, str]:
    """The first of device, kernel driver, firmware and group that is missing, and the cure.

    Args:
        root: Where ``dev``, ``sys`` and ``lib`` are.
        may_use: Whether the user may open a device.

    Returns:
        Reason and cure, both "" if nothing is missing.
    """
    nodes = sorted((root / "dev/accel").glob("accel*"))
    if nodes:
        return ("", "") if any(map(may_use, nodes)) else (f"you may not open {nodes[0]}", JOIN)
    if generation(root) is None:
        return "this machine has no Intel NPU", "Use another --backend"
    if not (root / "sys/module/intel_vpu").is_dir():
        return (
            "the NPU's kernel driver intel_vpu is not loaded",
            "With Linux 6.8 or later, run: sudo modprobe intel_vpu",
        )
    if not any((root / "lib/firmware/intel/vpu").glob("*")):
        return "the NPU's firmware is not installed", PACKAGES
    return "the NPU's kernel driver has created no device", "To see why: sudo dmesg | grep -i vpu"


def lacks_of_libraries(root: Path = Path("/")) -> tuple[str, str]:
    """The first of user-space driver and compiler that is missing, as in `lacks_of_kernel`.

    Looks only at the usual folders: call it if OpenVINO has found nothing.
    """
    installed = {file.name for folder in _LIBRARIES for file in (root / folder).glob("lib*npu*")}
    for name, what in ((_DRIVER, "user-space driver"), (_COMPILER, "compiler")):
        if not any(each.startswith(name) for each in installed):
            return f"the NPU's {what} is not installed ({name})", PACKAGES
    return "", ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
