"""Names of processors for the user."""

from __future__ import annotations

_RUNTIMES = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime", "litert": "LiteRT"}
_DEVICES = {
    "cpu": "CPU",
    "gpu": "GPU",
    "npu": "NPU",
    "cuda": "NVIDIA CUDA",
    "tensorrt": "NVIDIA TensorRT",
    "directml": "DirectML",
    "coreml": "CoreML",
}


def processor_title(name: str) -> str:
    """A backend's name for the user: "openvino-npu" is an NPU, used through OpenVINO."""
    runtime, _, device = name.partition("-")
    if runtime in _RUNTIMES and device in _DEVICES:
        return f"{_DEVICES[device]} ({_RUNTIMES[runtime]})"
    return name
