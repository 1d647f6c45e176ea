"""Lists the GPUs of Vulkan's drivers. LiteRT and ONNX Runtime use them through Dawn.

Listing loads the drivers, which may crash: call it only in a process that runs a backend.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from segcam import distribution
from segcam.errors import BackendUnavailable

SOFTWARE = "SEGCAM_SOFTWARE_GPU"
"""Variable for tests: "1" accepts a driver that computes on the CPU as a GPU."""
LIBRARY = "libvulkan.so.1"
_FOLDERS = (
    "etc/vulkan/icd.d",
    "usr/share/vulkan/icd.d",
    "usr/local/share/vulkan/icd.d",
    "run/opengl-driver/share/vulkan/icd.d",
)
_SOFTWARE_FILES = ("lvp_icd", "vk_swiftshader")
# From vulkan_core.h.
_STRUCTURE_INSTANCE, _CPU, _DISCRETE = 1, 4, 2
_SUCCESS, _INCOMPLETE = 0, 5
_NAME_BYTES, _PROPERTIES_BYTES = 256, 2048


class _InstanceInfo(ctypes.Structure):
    """VkInstanceCreateInfo."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


class _Properties(ctypes.Structure):
    """The beginning of VkPhysicalDeviceProperties, with space for the rest."""

    _fields_ = (
        ("api_version", ctypes.c_uint32),
        ("driver_version", ctypes.c_uint32),
        ("vendor", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("name", ctypes.c_char * _NAME_BYTES),
        ("rest", ctypes.c_char * _PROPERTIES_BYTES),
    )


@dataclass(frozen=True, slots=True)
class Adapter:
    """A GPU that a driver offers.

    Attributes:
        name: The driver's name for it.
        is_software: It computes on the CPU.
        is_discrete: A graphics card with its own memory.
    """

    name: str
    is_software: bool
    is_discrete: bool


def software_allowed() -> bool:
    """Whether a software driver counts as a GPU, which only tests allow."""
    return os.environ.get(SOFTWARE) == "1"


def adapters() -> list[Adapter]:
    """All GPUs, in the order of the drivers; empty without Vulkan."""
    try:
        vulkan = ctypes.CDLL(LIBRARY)
    except OSError:
        return []
    instance = ctypes.c_void_p()
    info = _InstanceInfo(type=_STRUCTURE_INSTANCE)
    if vulkan.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)) != _SUCCESS:
        return []
    try:
        return [_described(vulkan, handle) for handle in _handles(vulkan, instance)]
    finally:
        vulkan.vkDestroyInstance(instance, None)


def _handles(vulkan: ctypes.CDLL, instance: ctypes.c_void_p) -> list[int]:
    count = ctypes.c_uint32(32)
    handles = (ctypes.c_void_p * count.value)()
    status = vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    if status not in (_SUCCESS, _INCOMPLETE):
        return []
    return [handle for handle in handles[: count.value] if handle]


def _described(vulkan: ctypes.CDLL, handle: int) -> Adapter:
    found = _Properties()
    vulkan.vkGetPhysicalDeviceProperties(ctypes.c_void_p(handle), ctypes.byref(found))
    name = found.name.decode(errors="replace")
    return Adapter(name, found.type == _CPU, found.type == _DISCRETE)


def require_gpu() -> str:
    """Name of the GPU that Dawn will take: it prefers discrete GPUs to integrated ones.

    Afterwards this process sees no software drivers, if the loader can hide them.

    Raises:
        BackendUnavailable: There is none, or only a software driver.
    """
    if sys.platform != "linux":
        return "GPU"
    found = adapters()
    usable = [each for each in found if software_allowed() or not each.is_software]
    if not usable:
        reason = f"only software, {found[0].name}" if found else "none"
        raise BackendUnavailable("Vulkan finds no GPU", f"it finds {reason}", hint())
    if not software_allowed():
        # Read by the loader from 1.3.234 on.
        hidden = ",".join(f"*{name}*" for name in _SOFTWARE_FILES)
        os.environ.setdefault("VK_LOADER_DRIVERS_DISABLE", hidden)
    return max(usable, key=lambda each: each.is_discrete).name


def hint(root: Path = Path("/")) -> str:
    """How to install the Vulkan driver of this machine's GPU.

    Args:
        root: Where ``etc`` and ``proc`` are.
    """
    own = (root / "proc/driver/nvidia/version").exists()
    return distribution.install("nvidia-driver" if own else "mesa-vulkan-drivers", root=root)


def driver_files(root: Path = Path("/")) -> list[Path]:
    """Vulkan's driver files, without those of software drivers.

    Args:
        root: Where ``etc`` and ``usr`` are.
    """
    named = os.environ.get("VK_DRIVER_FILES") or os.environ.get("VK_ICD_FILENAMES")
    if named:
        files = [Path(each) for each in named.split(os.pathsep)]
    else:
        files = [file for folder in _FOLDERS for file in sorted((root / folder).glob("*.json"))]
    kept = software_allowed()
    return [file for file in files if kept or not file.name.startswith(_SOFTWARE_FILES)]
