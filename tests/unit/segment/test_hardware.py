"""Which part of device, driver, firmware, compiler and group a machine lacks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from segcam.errors import BackendUnavailable
from segcam.segment import npu
from segcam.segment.backends import openvino as openvino_backend
from segcam.segment.hardware import Obstacle, obstacle
from segcam.segment.registry import SPECS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="device nodes are Linux's")
NPU = "sys/bus/pci/devices/0000:00:0b.0"


def write(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def lacking(name: str, root: Path) -> Obstacle:
    found = obstacle(SPECS[name], root)
    assert found is not None
    assert found.hint
    return found


def test_an_npus_device_driver_firmware_and_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no Intel NPU" in lacking("openvino-npu", tmp_path).reason
    write(tmp_path, f"{NPU}/vendor", "0x8086\n")
    write(tmp_path, f"{NPU}/device", "0x643e\n")
    found = lacking("openvino-npu", tmp_path)
    assert "driver intel_vpu" in found.reason
    assert "modprobe" in found.hint
    write(tmp_path, "sys/module/intel_vpu/version")
    assert "firmware" in lacking("openvino-npu", tmp_path).reason
    write(tmp_path, "lib/firmware/intel/vpu/vpu_40xx_v1.bin")
    assert "no device" in lacking("openvino-npu", tmp_path).reason
    write(tmp_path, "dev/accel/accel0")
    assert obstacle(SPECS["openvino-npu"], tmp_path) is None
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may open everything
    found = lacking("openvino-npu", tmp_path)
    assert "accel0" in found.reason
    assert "usermod -aG render" in found.hint


def test_an_npus_libraries_are_named_where_openvino_finds_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    lacks = npu.lacks_of_libraries
    monkeypatch.setattr(openvino_backend.npu, "lacks_of_libraries", lambda: lacks(tmp_path))
    for name, what in (("libze_intel_npu.so.1", "user-space driver"),
                       ("libnpu_driver_compiler.so", "compiler")):  # fmt: skip
        with pytest.raises(BackendUnavailable, match="OpenVINO finds no NPU") as caught:
            openvino_backend._core("NPU")
        assert what in caught.value.message
        assert "linux-npu-driver" in caught.value.hint
        write(tmp_path, f"usr/lib/x86_64-linux-gnu/{name}")
    assert lacks(tmp_path) == ("", "")


def test_openvino_takes_intels_gpus_alone_and_needs_their_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH"):
        monkeypatch.delenv(name, raising=False)
    assert "no GPU" in lacking("openvino-gpu", tmp_path).reason
    write(tmp_path, "dev/dri/renderD128")
    write(tmp_path, "sys/class/drm/renderD128/device/vendor", "0x10de\n")
    assert "from Intel" in lacking("openvino-gpu", tmp_path).reason
    write(tmp_path, "sys/class/drm/renderD128/device/vendor", "0x8086\n")
    write(tmp_path, "etc/OpenCL/vendors/nvidia.icd", "libnvidia-opencl.so.1\n")
    assert "intel-opencl-icd" in lacking("openvino-gpu", tmp_path).hint
    write(tmp_path, "etc/OpenCL/vendors/compute.icd", "/opt/gpu/libigdrcl.so\n")
    assert obstacle(SPECS["openvino-gpu"], tmp_path) is None
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "usermod -aG render" in lacking("openvino-gpu", tmp_path).hint


@pytest.mark.parametrize("maker", ["NVIDIA GeForce RTX 4060", "AMD Radeon 780M", "pocl"])
def test_another_makers_gpu_that_opencl_offers_is_refused(maker: str) -> None:
    with pytest.raises(BackendUnavailable, match="only runs on Intel GPUs") as caught:
        openvino_backend._refuse_other_makers("GPU", maker)
    assert maker in caught.value.message
    openvino_backend._refuse_other_makers("GPU", "Intel(R) Arc(TM) Graphics (iGPU)")


@pytest.mark.parametrize("name", ["onnxruntime-directml", "onnxruntime-coreml"])
def test_what_other_systems_have_is_told(name: str) -> None:
    found = obstacle(SPECS[name])
    assert found is not None
    assert "only" in found.reason
