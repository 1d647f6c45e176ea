"""Finds out why a backend cannot run here, without importing its runtime."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segcam import distribution, extras
from segcam.segment import npu, vulkan
from segcam.segment.registry import Spec

_OPENCL = ("etc/OpenCL/vendors", "run/opengl-driver/etc/OpenCL/vendors")
_INTEL = "0x8086"
"""PCI vendor id, as in /sys/class/drm/*/device/vendor."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A missing requirement, and its cure."""

    reason: str
    hint: str


def obstacle(spec: Spec, root: Path = Path("/")) -> Obstacle | None:
    """The first requirement that this backend lacks here; None: only a run can tell.

    Takes well under a millisecond and never talks to a driver.

    Args:
        spec: The backend.
        root: Where ``dev`` and ``sys`` are.
    """
    check = _CHECKS.get(spec.name)
    found = check(root) if check else None
    return found or _missing_package(spec)


def _missing_package(spec: Spec) -> Obstacle | None:
    if importlib.util.find_spec(spec.module):
        return None
    return Obstacle(
        f"the Python package {spec.package} is not installed",
        extras.cure(spec.extra) if spec.extra else f"Run: pip install {spec.package}",
    )


def _npu(root: Path) -> Obstacle | None:
    if sys.platform != "linux":
        return None
    reason, hint = npu.lacks_of_kernel(root)
    return Obstacle(reason, hint) if reason else None


def _intel_gpu(root: Path) -> Obstacle | None:
    if sys.platform != "linux":
        return None
    nodes = sorted((root / "dev/dri").glob("renderD*"))
    if not nodes:
        return Obstacle(
            "there is no /dev/dri/renderD*: no GPU, or its kernel driver is not loaded",
            "On a machine with an Intel GPU: segcam doctor names the package of its firmware",
        )
    vendors = [root / "sys/class/drm" / node.name / "device/vendor" for node in nodes]
    ours = [node for node, file in zip(nodes, vendors, strict=True) if _text(file) == _INTEL]
    if not ours:
        return Obstacle(
            "none of the GPUs is from Intel, and OpenVINO supports no others",
            "Use another --backend",
        )
    return _forbidden(ours, "render") or _no_opencl(root)


def _no_opencl(root: Path) -> Obstacle | None:
    """The obstacle if Intel's driver is not among those that OpenCL looks for."""
    if any(name in os.environ for name in ("OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH")):
        return None
    files = [file for folder in _OPENCL for file in sorted((root / folder).glob("*.icd"))]
    if any("intel" in file.name or "libigdrcl" in _text(file) for file in files):
        return None
    return Obstacle(
        "Intel's compute runtime is not installed: OpenCL has no Intel driver",
        distribution.install("intel-opencl-icd", root=root),
    )


def _any_gpu(root: Path) -> Obstacle | None:
    """For runtimes that use every GPU through Vulkan; other systems always have a driver."""
    if sys.platform != "linux":
        return None
    try:
        ctypes.CDLL(vulkan.LIBRARY)
    except OSError:
        return Obstacle(
            f"{vulkan.LIBRARY} cannot be loaded", distribution.install("libvulkan1", root=root)
        )
    found = None if vulkan.software_allowed() else _no_gpu(root)
    if not found and not vulkan.driver_files(root):
        found = Obstacle("Vulkan has no driver for a GPU", vulkan.hint(root))
    return found


def _no_gpu(root: Path) -> Obstacle | None:
    """The obstacle if the user can open no GPU of any maker."""
    nodes = sorted((root / "dev/dri").glob("renderD*"))
    others = (*(root / "dev").glob("nvidia[0-9]*"), *(root / "dev").glob("dxg"))
    if nodes and not others:
        return _forbidden(nodes, "render")
    if others:
        return None
    return Obstacle(
        "there is no /dev/dri/renderD*: no GPU, or its kernel driver is not loaded",
        "On a machine with a GPU: segcam doctor names the package of its driver or firmware",
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _forbidden(nodes: list[Path], group: str) -> Obstacle | None:
    if any(os.access(node, os.R_OK | os.W_OK) for node in nodes):
        return None
    return Obstacle(
        f"you may not open {nodes[0]}",
        f"Run: sudo usermod -aG {group} $USER, then log in again",
    )


def _nvidia(library: str) -> Callable[[Path], Obstacle | None]:
    """A check for NVIDIA's driver and for the provider ``library`` of ONNX Runtime."""

    def check(_root: Path) -> Obstacle | None:
        if sys.platform == "darwin":
            return Obstacle("there is no CUDA on macOS", "Use --backend onnxruntime-coreml")
        driver = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
        try:
            ctypes.CDLL(driver)
        except OSError:
            return Obstacle(
                f"NVIDIA's driver library {driver} cannot be loaded",
                f"On a machine with an NVIDIA GPU: {distribution.install('nvidia-driver')}",
            )
        return _not_in_build(library)

    return check


def _not_in_build(library: str) -> Obstacle | None:
    package = importlib.util.find_spec("onnxruntime")
    if package is None or package.origin is None:
        return None  # _missing_package explains it better
    if any((Path(package.origin).parent / "capi").glob(f"*{library}*")):
        return None
    return Obstacle(
        f"the installed ONNX Runtime was built without {library}",
        "Run: pip uninstall onnxruntime; pip install --force-reinstall onnxruntime-gpu",
    )


def _only_on(platform: str, system: str) -> Callable[[Path], Obstacle | None]:
    def check(_root: Path) -> Obstacle | None:
        if sys.platform == platform:
            return None
        return Obstacle(f"it only exists on {system}", "Use another --backend")

    return check


_CHECKS: dict[str, Callable[[Path], Obstacle | None]] = {
    "openvino-npu": _npu,
    "openvino-gpu": _intel_gpu,
    "litert-gpu": _any_gpu,
    "onnxruntime-webgpu": _any_gpu,
    "onnxruntime-cuda": _nvidia("providers_cuda"),
    "onnxruntime-tensorrt": _nvidia("providers_tensorrt"),
    "onnxruntime-directml": _only_on("win32", "Windows"),
    "onnxruntime-coreml": _only_on("darwin", "macOS"),
}
