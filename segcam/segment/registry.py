"""The backends SegCam knows, in the order in which ``auto`` prefers them."""

from __future__ import annotations

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
    """A backend, before anything of it is imported.

    Attributes:
        name: ``runtime-device``.
        kind: The processor it runs on.
        format: The model files it reads.
        module: The Python module that must be there, and ``package``, where it comes from.
        extra: SegCam's extra that brings the package; None where the base has it, or no extra has.
    """

    name: str
    kind: Kind
    format: Format
    module: str
    package: str
    extra: Extra | None = None

    @property
    def device(self) -> str:
        """The part of the name after the runtime."""
        return self.name.partition("-")[2]


SPECS = {
    spec.name: spec
    for spec in (
        Spec("openvino-npu", "npu", "onnx", "openvino", "openvino", "npu"),
        Spec("onnxruntime-cuda", "gpu", "onnx", "onnxruntime", "onnxruntime-gpu", "gpu"),
        # After CUDA: it compiles for minutes, and a model this small gains little.
        Spec("onnxruntime-tensorrt", "gpu", "onnx", "onnxruntime", "onnxruntime-gpu", "gpu"),
        Spec("openvino-gpu", "gpu", "onnx", "openvino", "openvino", "npu"),
        Spec("onnxruntime-directml", "gpu", "onnx", "onnxruntime", "onnxruntime-directml"),
        Spec("onnxruntime-coreml", "gpu", "onnx", "onnxruntime", "onnxruntime", "gpu"),
        Spec("litert-cpu", "cpu", "tflite", "ai_edge_litert", "ai-edge-litert"),
        Spec("onnxruntime-cpu", "cpu", "onnx", "onnxruntime", "onnxruntime-gpu", "gpu"),
        Spec("openvino-cpu", "cpu", "onnx", "openvino", "openvino", "npu"),
        Spec("null", "none", "tflite", "numpy", "numpy"),
    )
}
GROUPS = ("auto", "npu", "gpu", "cpu")
"""What may stand in place of a name."""


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
        f"known are {', '.join(known)}",
        did_you_mean(name, known) or "See: segcam backends",
    )


def create(name: str) -> Backend:
    """A new backend, not loaded; imports this one's module and no runtime.

    Raises:
        UsageError: There is none of that name.
    """
    spec = find(name)
    match spec.module:
        case "ai_edge_litert":
            from segcam.segment.backends.litert import LiteRTBackend

            return LiteRTBackend()
        case "onnxruntime":
            from segcam.segment.backends.onnxruntime import OnnxRuntimeBackend

            return OnnxRuntimeBackend(spec.device)
        case "openvino":
            from segcam.segment.backends.openvino import OpenVinoBackend

            return OpenVinoBackend(spec.device)
        case _:
            from segcam.segment.backends.null import NullBackend

            return NullBackend()
