"""GPUs and NPUs: what each lacks before a model could run on it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

from segcam import extras
from segcam.doctor import cuda
from segcam.doctor.base import Finding, Machine

JOIN = "sudo usermod -aG render $USER, then log in again"
"""Cures what the user may not open."""
_INTEL, _NVIDIA = "0x8086", "0x10de"
_NPUS = {"0x7d1d": 3720, "0xad1d": 3720, "0x643e": 4000, "0xb03e": 5010}
"""PCI device ids of Intel's NPUs and their generations. Source: Linux, drivers/accel/ivpu."""
_NOT_INSTALLED = {"gpu": "gpu.not-installed", "npu": "npu.not-installed"}
_ON_CPU = "Models run on the CPU meanwhile"
_PACKAGES = "Install the packages of https://github.com/intel/linux-npu-driver/releases"
_COMPILER = "libnpu_driver_compiler.so"


def check(machine: Machine) -> Iterator[Finding]:
    """What there is, and what keeps SegCam from it."""
    yield from _npu(machine)
    yield from _gpu(machine)


def _npu(machine: Machine) -> Iterator[Finding]:
    here = [
        machine.read("sys/bus/pci/devices", each, "device")
        for each in machine.names("sys/bus/pci/devices")
        if machine.read("sys/bus/pci/devices", each, "vendor") == _INTEL
    ]
    generation = next((_NPUS[device] for device in here if device in _NPUS), None)
    if generation is None:
        yield Finding("npu.none", "ok", "This machine has no Intel NPU")
        return
    title, cure = _npu_obstacle(machine)
    if title:
        yield Finding("npu.unusable", "note", f"The NPU {generation}: {title}", _ON_CPU, cure)
        return
    yield Finding("npu.ready", "ok", f"The NPU {generation} has driver, firmware and compiler")
    yield from _runtime("npu", "openvino", "an Intel NPU or GPU")


def _npu_obstacle(machine: Machine) -> tuple[str, str]:
    """The first thing it lacks, and the cure; both "" where nothing is missing."""
    if not machine.path("sys/module/intel_vpu").is_dir():
        return "its kernel driver intel_vpu is not loaded", "sudo modprobe intel_vpu (Linux 6.8 on)"
    nodes = machine.names("dev/accel")
    if not nodes:
        firmware = machine.names("lib/firmware/intel/vpu")
        return (
            ("the driver has made no device", "sudo dmesg | grep -i vpu tells why")
            if firmware
            else ("its firmware is not installed", _PACKAGES)
        )
    if not machine.may_use(machine.path("dev/accel", nodes[0])):
        return f"you may not open /dev/accel/{nodes[0]}", JOIN
    libraries = ("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib", "usr/local/lib")
    installed = {name for folder in libraries for name in machine.names(folder)}
    if not any(name.startswith("libze_intel_npu") for name in installed):
        return "its user-space driver is not installed", _PACKAGES
    if not any(name.startswith(_COMPILER) for name in installed):
        return "its compiler is not installed", _PACKAGES
    return "", ""


def _gpu(machine: Machine) -> Iterator[Finding]:
    nodes = [name for name in machine.names("dev/dri") if name.startswith("renderD")]
    if not nodes:
        yield Finding("gpu.none", "ok", "This machine has no GPU with a driver")
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
                f"/dev/dri/{node} is NVIDIA's, without NVIDIA's driver",
                f"CUDA needs it. {_ON_CPU}",
                "sudo apt-get install nvidia-driver, then reboot",
            )
        else:
            yield Finding("gpu.ready", "ok", f"/dev/dri/{node} may be opened")
            if vendor == _NVIDIA:
                yield from _runtime("gpu", "onnxruntime", "an NVIDIA GPU")
                yield from cuda.check(machine)
            elif vendor == _INTEL:
                yield from _runtime("npu", "openvino", "an Intel NPU or GPU")


def _runtime(extra: Literal["gpu", "npu"], module: str, device: str) -> Iterator[Finding]:
    """What SegCam itself lacks to use a device that is ready."""
    if find_spec(module) is None:
        yield Finding(
            _NOT_INSTALLED[extra],
            "note",
            f"SegCam is installed without what runs models on {device}",
            _ON_CPU,
            extras.cure(extra),
        )
