"""NVIDIA's GPUs: whether driver, CUDA and cuDNN match the installed ONNX Runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from segcam.doctor.base import Finding, Machine

LEAST_DRIVER = {12: 525, 13: 580}
"""The oldest driver for programs built with this major version of CUDA. Source: NVIDIA, "CUDA
Compatibility", table of minor version compatibility."""
CUDNN = 9
"""The major version of cuDNN for ONNX Runtime from 1.19 on."""
_ON_CPU = "Until then, models run on the CPU"
_PACKAGES = "'onnxruntime-gpu[cuda,cudnn]'"


def check(machine: Machine) -> Iterator[Finding]:
    """What prevents ONNX Runtime from using an NVIDIA GPU with a running driver."""
    version = cuda_version()
    if version is None:
        return
    driver = re.search(r"Kernel Module\s+(?:for \S+\s+)?(\d+)", _driver(machine))
    least = LEAST_DRIVER.get(version)
    if driver and least and int(driver[1]) < least:
        yield Finding(
            "gpu.old-driver",
            "note",
            f"NVIDIA's driver {driver[1]} is too old for CUDA {version}",
            f"ONNX Runtime was built with CUDA {version}, which needs driver {least}. {_ON_CPU}",
            f"Install NVIDIA's driver {least} or newer, then reboot",
        )
    known = _libraries(machine)
    for code, title, names in (
        ("gpu.cuda", f"CUDA {version}", (f"libcudart.so.{version}", f"libcublasLt.so.{version}")),
        ("gpu.cudnn", f"cuDNN {CUDNN}", (f"libcudnn.so.{CUDNN}",)),
    ):
        lacking = [name for name in names if name not in known]
        if lacking:
            yield Finding(
                code,
                "note",
                f"{title} is not installed: there is no {' and no '.join(lacking)}",
                f"ONNX Runtime needs exactly this version. {_ON_CPU}",
                f"{machine.program.with_name('python')} -m pip install {_PACKAGES}",
            )


def cuda_version() -> int | None:
    """The major version of CUDA of the installed ONNX Runtime; None: without CUDA."""
    package = find_spec("onnxruntime")
    if package is None or package.origin is None:
        return None
    try:
        text = Path(package.origin).with_name("capi").joinpath(_ABOUT).read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^cuda_version = '(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else None


_ABOUT = "build_and_package_info.py"


def _driver(machine: Machine) -> str:
    return machine.read("proc/driver/nvidia/version")


def _libraries(machine: Machine) -> set[str]:
    """Names of libraries that the loader finds, and of those in NVIDIA's pip packages."""
    found = set(re.findall(r"(lib\S+\.so\.\d+) \(", machine.ask(["/sbin/ldconfig", "-p"]) or ""))
    for folder in machine.environ.get("LD_LIBRARY_PATH", "").split(":"):
        found |= set(machine.names(folder.lstrip("/"))) if folder else set()
    package = find_spec("nvidia")
    for place in package.submodule_search_locations or () if package else ():
        found |= {file.name for file in Path(place).glob("*/lib/lib*.so.*")}
    return found
