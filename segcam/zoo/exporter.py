"""Builds an ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from segcam.errors import ModelMismatch
from segcam.zoo.tflite import Graph, Operator

_FUSED = {
    schema.ActivationFunctionType.NONE: None,
    schema.ActivationFunctionType.RELU: "Relu",
    schema.ActivationFunctionType.RELU6: "Clip",
}


class Exporter:
    """Collects the nodes and initializers of an ONNX graph while a TFLite graph is converted.

    Computed tensors are NCHW and named by ``inner``.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """Append a node that writes the tensor ``output``."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def emit_fused(
        self, kind: str, inputs: list[str], operator: Operator, **attributes: Any
    ) -> None:
        """Append the node for ``operator``, and one for its fused activation."""
        output, fused = inner(operator.outputs[0]), operator.options.fusedActivationFunction
        if fused not in _FUSED:
            raise unsupported(f"{operator.name} with fused activation {fused}")
        activation = _FUSED[fused]
        self.emit(kind, inputs, f"{output}.linear" if activation else output, **attributes)
        if activation:
            limits = [self.hold(np.float32(0)), self.hold(np.float32(6))]
            self.emit(
                activation,
                [f"{output}.linear", *(limits if activation == "Clip" else [])],
                output,
            )

    def hold(self, array: NDArray[Any] | np.generic) -> str:
        """Store a constant and return its name."""
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def value(self, index: int) -> str:
        """Name of a tensor in NCHW, whether computed or constant."""
        constant = self.graph.constants.get(index)
        if constant is None:
            return inner(index)
        # A vector has the channels' axis, which is last in TFLite and third from the end in ONNX.
        whole = constant.reshape((1,) * (4 - constant.ndim) + constant.shape)
        return self.hold(np.moveaxis(whole, 3, 1))

    def weights(self, operator: Operator, *axes: int) -> list[str]:
        """Names of data, kernel with reordered axes, and bias if there is one."""
        data, kernel, *bias = operator.inputs
        names = [inner(data), self.hold(self.graph.constants[kernel].transpose(axes))]
        return names + [self.hold(self.graph.constants[index]) for index in bias if index >= 0]

    def sides(self, index: int) -> tuple[int, int]:
        """(H, W) of an NHWC tensor of the TFLite graph."""
        _, height, width, _ = self.graph.shapes[index]
        return height, width


def inner(index: int) -> str:
    """Name in ONNX of a computed tensor of the TFLite graph."""
    return f"t{index}"


def unsupported(what: str) -> ModelMismatch:
    """The error for an operator, or a use of one, that has no translation."""
    return ModelMismatch(
        f"The model cannot be converted to ONNX: it uses {what}",
        "this operator has no translation in segcam.zoo.operators",
        "Use --backend litert-cpu, which runs the file as it is",
    )
