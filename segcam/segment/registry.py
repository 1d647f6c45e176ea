"""SegCam's backends, in the order in which ``auto`` prefers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from segcam.errors import UsageError
from segcam.extras import Extra
from segcam.model_card import Format
from segcam.segment.base import Backend
from segcam.settings import did_you_mean

Kind = Literal["npu", "gpu", "cpu", "none"]


@dataclass(frozen=True, slots=True)
class Spec:
    """Describes a backend without importing it.

    Attributes:
        name: ``runtime-device``.
        kind: The processor it runs on.
        format: The model files it reads.
        module: The Python module that it needs, and ``package``, which contains it.
        make: Makes a backend for a device; imports SegCam's module, but no runtime.
        extra: SegCam's extra that contains the package; None if it is in the base or in no extra.
    """

    name: str
    kind: Kind
    format: Format
    module: str
    package: str
    make: Callable[[str], Backend]
    extra: Extra | None = None

    @property
    def device(self) -> str:
        """The part of the name after the runtime."""
        return self.name.partition("-")[2]


def _litert(_device: str) -> Backend:
    from segcam.segment.backends.litert import LiteRTBackend

    return LiteRTBackend()


def _litert_gpu(_device: str) -> Backend:
    from segcam.segment.backends.litert_gpu import LiteRTGpuBackend

    return LiteRTGpuBackend()


def _onnxruntime(device: str) -> Backend:
    from segcam.segment.backends.onnxruntime import OnnxRuntimeBackend

    return OnnxRuntimeBackend(device)


def _webgpu(_device: str) -> Backend:
    from segcam.segment.backends.onnxruntime_webgpu import WebGpuBackend

    return WebGpuBackend()


def _openvino(device: str) -> Backend:
    from segcam.segment.backends.openvino import OpenVinoBackend

    return OpenVinoBackend(device)


def _null(_device: str) -> Backend:
    from segcam.segment.backends.null import NullBackend

    return NullBackend()


_Runtime = tuple[str, str, Callable[[str], Backend], Extra]
"""Module, package, factory and extra."""
_LITERT = ("ai_edge_litert", "ai-edge-litert")
_OPENVINO: _Runtime = ("openvino", "openvino", _openvino, "npu")
_ONNXRUNTIME: _Runtime = ("onnxruntime", "onnxruntime-gpu", _onnxruntime, "gpu")
_DIRECTML = ("onnxruntime", "onnxruntime-directml", _onnxruntime)
_WEBGPU: _Runtime = ("onnxruntime_ep_webgpu", "onnxruntime-ep-webgpu", _webgpu, "webgpu")
SPECS = {
    spec.name: spec
    for spec in (
        Spec("openvino-npu", "npu", "onnx", *_OPENVINO),
        # Each vendor's runtime comes before those that run on every GPU.
        Spec("onnxruntime-cuda", "gpu", "onnx", *_ONNXRUNTIME),
        Spec("openvino-gpu", "gpu", "onnx", *_OPENVINO),
        Spec("onnxruntime-directml", "gpu", "onnx", *_DIRECTML),
        Spec("onnxruntime-coreml", "gpu", "onnx", *_ONNXRUNTIME),
        Spec("litert-gpu", "gpu", "tflite", *_LITERT, _litert_gpu),
        Spec("onnxruntime-webgpu", "gpu", "onnx", *_WEBGPU),
        # Last: it compiles for minutes, and a model this small gains little.
        Spec("onnxruntime-tensorrt", "gpu", "onnx", *_ONNXRUNTIME),
        Spec("litert-cpu", "cpu", "tflite", *_LITERT, _litert),
        Spec("onnxruntime-cpu", "cpu", "onnx", *_ONNXRUNTIME),
        Spec("openvino-cpu", "cpu", "onnx", *_OPENVINO),
        Spec("null", "none", "tflite", "numpy", "numpy", _null),
    )
}
GROUPS = ("auto", "npu", "gpu", "cpu")
"""Values that may stand in place of a backend's name."""


def find(name: str) -> Spec:
    """The backend of that name.

    Raises:
        UsageError: There is none.
    """
    if name in SPECS:
        return SPECS[name]
    known = (*GROUPS, *SPECS)
    raise UsageError(
        f"There is no backend named {name}",
        f"known backends: {', '.join(known)}",
        did_you_mean(name, known) or "See: segcam backends",
    )


def create(name: str) -> Backend:
    """A new backend, not loaded; imports its module, but no runtime.

    Raises:
        UsageError: There is none with that name.
    """
    spec = find(name)
    return spec.make(spec.device)
