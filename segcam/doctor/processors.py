"""GPUs and NPUs: what each of them lacks to run a model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

from segcam import extras
from segcam.doctor import cuda
from segcam.doctor.base import Finding, Machine
from segcam.segment import npu, vulkan

JOIN = npu.JOIN
"""Cure for a device that the user may not open."""
_INTEL, _NVIDIA = "0x8086", "0x10de"
_DISPLAY = "0x03"
"""Prefix of a GPU's PCI class."""
_MAKERS = {
    _INTEL: ("Intel", "firmware-misc-nonfree"),
    _NVIDIA: ("NVIDIA", "nvidia-driver"),
    "0x1002": ("AMD", "firmware-amd-graphics"),
}
"""Makers of GPUs, and Debian's packages of their firmware or driver."""
_NOT_INSTALLED = {"gpu": "gpu.not-installed", "npu": "npu.not-installed"}
_ON_CPU = "Until then, models run on the CPU"


def check(machine: Machine) -> Iterator[Finding]:
    """Check which devices exist, and what prevents SegCam from using them."""
    yield from _npu(machine)
    yield from _gpu(machine)


def _npu(machine: Machine) -> Iterator[Finding]:
    generation = npu.generation(machine.root)
    if generation is None:
        yield Finding("npu.none", "ok", "This machine has no Intel NPU")
        return
    reason, cure = npu.lacks_of_kernel(machine.root, machine.may_use)
    if not reason:
        reason, cure = npu.lacks_of_libraries(machine.root)
    if reason:
        yield Finding("npu.unusable", "note", f"The NPU {generation}: {reason}", _ON_CPU, cure)
        return
    yield Finding("npu.ready", "ok", f"The NPU {generation} has its driver, firmware and compiler")
    yield from _runtime("npu", "openvino", "an Intel NPU or GPU")


def _gpu(machine: Machine) -> Iterator[Finding]:
    nodes = [name for name in machine.names("dev/dri") if name.startswith("renderD")]
    if not nodes:
        yield _without_driver(machine)
        return
    for node in nodes:
        vendor = machine.read("sys/class/drm", node, "device/vendor")
        if not machine.may_use(machine.path("dev/dri", node)):
            yield Finding(
                "gpu.forbidden", "note", f"You may not open /dev/dri/{node}", _ON_CPU, JOIN
            )
        elif vendor == _NVIDIA and not machine.path("proc/driver/nvidia/version").exists():
            yield Finding(
                "gpu.nvidia-driver",
                "note",
                f"/dev/dri/{node} is an NVIDIA GPU without NVIDIA's driver",
                f"CUDA needs it. {_ON_CPU}",
                f"{machine.install('nvidia-driver')}, then reboot",
            )
        else:
            yield Finding("gpu.ready", "ok", f"/dev/dri/{node} can be opened")
            if vendor == _NVIDIA:
                yield from _runtime("gpu", "onnxruntime", "an NVIDIA GPU")
                yield from cuda.check(machine)
            elif vendor == _INTEL:
                yield from _runtime("npu", "openvino", "an Intel NPU or GPU")
    yield from _vulkan(machine)


def _without_driver(machine: Machine) -> Finding:
    """The finding if there is no GPU, or one without a kernel driver."""
    for device in machine.names("sys/bus/pci/devices"):
        kind, vendor = (
            machine.read("sys/bus/pci/devices", device, name) for name in ("class", "vendor")
        )
        if kind.startswith(_DISPLAY) and vendor in _MAKERS:
            maker, package = _MAKERS[vendor]
            title = f"The GPU of {maker} has no kernel driver or no firmware"
            cure = f"{machine.install(package)}, then reboot"
            return Finding("gpu.no-driver", "note", title, _ON_CPU, cure)
    return Finding("gpu.none", "ok", "This machine has no GPU")


def _vulkan(machine: Machine) -> Iterator[Finding]:
    """Check the requirements of GPUs of all makers."""
    if not vulkan.driver_files(machine.root):
        yield Finding(
            "gpu.no-vulkan",
            "note",
            "Vulkan has no driver for a GPU",
            f"--backend gpu needs one. {_ON_CPU}",
            vulkan.hint(machine.root),
        )


def _runtime(extra: Literal["gpu", "npu"], module: str, device: str) -> Iterator[Finding]:
    """Check whether SegCam has the runtime for a device that is ready."""
    if find_spec(module) is None:
        yield Finding(
            _NOT_INSTALLED[extra],
            "note",
            f"SegCam is installed without the package that runs models on {device}",
            _ON_CPU,
            extras.cure(extra),
        )
