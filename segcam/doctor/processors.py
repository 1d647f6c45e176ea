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
_PCI = "sys/bus/pci/devices"
_LENT = "vfio-pci"
"""The driver of a device that belongs to a virtual machine."""
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
    for node in nodes:
        yield from _with_node(machine, node)
    without = list(_without_node(machine))
    for vendor in without:
        if vendor == _NVIDIA and _has_nvidias_driver(machine):  # CUDA needs no node for graphics
            yield Finding("gpu.ready", "ok", "The GPU of NVIDIA has its driver")
            yield from _cuda(machine)
            continue
        maker, package = _MAKERS[vendor]
        title = f"The GPU of {maker} has no kernel driver or no firmware"
        cure = f"{machine.install(package)}, then reboot"
        yield Finding("gpu.no-driver", "note", title, _ON_CPU, cure)
    if nodes:
        yield from _vulkan(machine)
    elif not without:
        yield Finding("gpu.none", "ok", "This machine has no GPU")


def _with_node(machine: Machine, node: str) -> Iterator[Finding]:
    """Check a GPU by its node in /dev/dri."""
    vendor = machine.read("sys/class/drm", node, "device/vendor")
    if not machine.may_use(machine.path("dev/dri", node)):
        yield Finding("gpu.forbidden", "note", f"You may not open /dev/dri/{node}", _ON_CPU, JOIN)
        return
    if vendor == _NVIDIA and not _has_nvidias_driver(machine):
        yield Finding(
            "gpu.nvidia-driver",
            "note",
            f"/dev/dri/{node} is an NVIDIA GPU without NVIDIA's driver",
            f"CUDA needs it. {_ON_CPU}",
            f"{machine.install('nvidia-driver')}, then reboot",
        )
        return
    yield Finding("gpu.ready", "ok", f"/dev/dri/{node} can be opened")
    if vendor == _NVIDIA:
        yield from _cuda(machine)
    elif vendor == _INTEL:
        yield from _runtime("npu", "openvino", "an Intel NPU or GPU")


def _has_nvidias_driver(machine: Machine) -> bool:
    return machine.path("proc/driver/nvidia/version").exists()


def _without_node(machine: Machine) -> Iterator[str]:
    """The makers of GPUs that no kernel driver has made a device for, each once."""
    found = set()
    for device in machine.names(_PCI):
        kind, vendor = (machine.read(_PCI, device, name) for name in ("class", "vendor"))
        has_node = any(name.startswith("renderD") for name in machine.names(_PCI, device, "drm"))
        lent = machine.path(_PCI, device, "driver").resolve().name == _LENT
        if kind.startswith(_DISPLAY) and vendor in _MAKERS and not has_node and not lent:
            found.add(vendor)
    yield from sorted(found)


def _cuda(machine: Machine) -> Iterator[Finding]:
    yield from _runtime("gpu", "onnxruntime", "an NVIDIA GPU")
    yield from cuda.check(machine)


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
