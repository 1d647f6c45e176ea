"""Whether NVIDIA's driver, CUDA and cuDNN fit the ONNX Runtime that is installed."""

from importlib.util import find_spec

import pytest
from support.machines import asking, codes, write

from segcam.doctor import cuda

DRIVER = "proc/driver/nvidia/version"


@pytest.fixture
def nvidia(machine, monkeypatch):
    """An NVIDIA GPU, and an ONNX Runtime that was built with CUDA 13."""
    monkeypatch.setattr(cuda, "cuda_version", lambda: 13)
    monkeypatch.setattr(cuda, "find_spec", lambda _: None)
    write(
        machine,
        "proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  x",
    )
    return machine


def test_cuda_and_cudnn_are_looked_for_in_the_versions_of_the_runtime(nvidia):
    assert codes(cuda.check(nvidia)) == ["gpu.cuda", "gpu.cudnn"]
    listed = "\tlibcudart.so.{0} (libc6,x86-64) => /x\n\tlibcublasLt.so.{0} (libc6) => /x\n"
    listed += "\tlibcudnn.so.9 (libc6,x86-64) => /x\n"
    assert codes(cuda.check(asking(nvidia, {"/sbin/ldconfig": listed.format(12)}))) == ["gpu.cuda"]
    assert not codes(cuda.check(asking(nvidia, {"/sbin/ldconfig": listed.format(13)})))


@pytest.mark.parametrize("kind", ["", "for x86_64  "])
def test_a_driver_that_is_older_than_cuda_is_told(nvidia, kind):
    old = f"NVRM version: NVIDIA UNIX Open Kernel Module {kind} 550.90.07  Release Build"
    write(nvidia, DRIVER, old)
    assert "gpu.old-driver" in codes(cuda.check(nvidia))


def test_the_installed_runtime_tells_the_cuda_that_it_was_built_with():
    if not find_spec("onnxruntime"):
        pytest.skip("needs the gpu extra")
    assert cuda.cuda_version() in (None, *cuda.LEAST_DRIVER)
