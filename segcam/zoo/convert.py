"""TFLite to ONNX, for the operators that matting networks are made of.

One ONNX file serves ONNX Runtime and OpenVINO. Inside it is NCHW; its input and output keep name,
shape and layout of the original, so that one card describes both files.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from segcam.errors import ModelMismatch
from segcam.zoo.storage import writing
from segcam.zoo.tflite import Graph, Operator

VERSION = 1
"""Counts up whenever the same TFLite file would become another ONNX file."""
_OPSET, _IR_VERSION = 17, 8
"""Of 2022: old enough for every runtime in use, new enough for HardSwish."""

_SAME = schema.Padding.SAME
_FUSED = {
    schema.ActivationFunctionType.NONE: None,
    schema.ActivationFunctionType.RELU: "Relu",
    schema.ActivationFunctionType.RELU6: "Clip",
}


def to_onnx(path: Path) -> bytes:
    """Convert a TFLite file.

    Args:
        path: One subgraph, static 4-D shapes, float32 or float16 weights.

    Returns:
        A serialised ONNX model.

    Raises:
        ModelCorrupt: It is no TFLite file.
        ModelMismatch: It holds an operator, or a use of one, that is not in the table below.
    """
    exporter = _Exporter(Graph(path))
    model = exporter.export()
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def converted(path: Path, sha256: str) -> Path:
    """The ONNX file made of a TFLite file, beside it; made when it is not there yet.

    Args:
        path: The TFLite file.
        sha256: Of that file: another file or another converter gives another name.

    Raises:
        ModelCorrupt, ModelMismatch: As ``to_onnx``.
        ModelMissing: The directory cannot be written.
    """
    target = path.with_name(f"{path.stem}-{sha256[:12]}-v{VERSION}.onnx")
    if target.exists():
        return target
    model = to_onnx(path)
    with writing(path.parent), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / target.name
        whole.write_bytes(model)
        whole.replace(target)
    return target


class _Exporter:
    """Collects nodes and initializers while the operators are walked through."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []

    def export(self) -> Any:
        (source,), (result,) = self.graph.inputs, self.graph.outputs
        names, info = self.graph.names, helper.make_tensor_value_info
        self.emit("Transpose", [names[source]], _inner(source), perm=[0, 3, 1, 2])
        for operator in self.graph.operators:
            self._convert(operator)
        self.emit("Transpose", [_inner(result)], names[result], perm=[0, 2, 3, 1])
        ends = [
            [info(names[index], TensorProto.FLOAT, self.graph.shapes[index])]
            for index in (source, result)
        ]
        graph = helper.make_graph(self._nodes, "segcam", *ends, initializer=self._initializers)
        opsets = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(
            graph, producer_name="segcam", opset_imports=opsets, ir_version=_IR_VERSION
        )

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """Append a node that writes the tensor ``output``."""
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def emit_fused(
        self, kind: str, inputs: list[str], operator: Operator, **attributes: Any
    ) -> None:
        """Append the node for ``operator``, and one for the activation that it carries."""
        output, fused = _inner(operator.outputs[0]), operator.options.fusedActivationFunction
        if fused not in _FUSED:
            raise _unknown(f"{operator.name} with fused activation {fused}")
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
        name = f"c{len(self._initializers)}"
        self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def value(self, index: int) -> str:
        """Name of a tensor in NCHW, whether computed or constant."""
        constant = self.graph.constants.get(index)
        if constant is None:
            return _inner(index)
        # A vector runs along the channels, the last axis there and the third from the end here.
        whole = constant.reshape((1,) * (4 - constant.ndim) + constant.shape)
        return self.hold(np.moveaxis(whole, 3, 1))

    def weights(self, operator: Operator, *axes: int) -> list[str]:
        """Names of data, kernel with its axes reordered, and bias where there is one."""
        data, kernel, *bias = operator.inputs
        names = [_inner(data), self.hold(self.graph.constants[kernel].transpose(axes))]
        return names + [self.hold(self.graph.constants[index]) for index in bias if index >= 0]

    def sides(self, index: int) -> tuple[int, int]:
        """(H, W) of an NHWC tensor of the TFLite graph."""
        _, height, width, _ = self.graph.shapes[index]
        return height, width

    def _convert(self, operator: Operator) -> None:
        if operator.name not in _TABLE:
            raise _unknown(operator.name)
        _TABLE[operator.name](self, operator)


def _convolution(exporter: _Exporter, operator: Operator) -> None:
    exporter.emit_fused(
        "Conv", exporter.weights(operator, 0, 3, 1, 2), operator, **_window(exporter, operator)
    )


def _depthwise(exporter: _Exporter, operator: Operator) -> None:
    groups = exporter.graph.shapes[operator.inputs[0]][3]
    exporter.emit_fused(
        "Conv",
        exporter.weights(operator, 3, 0, 1, 2),
        operator,
        group=groups,
        **_window(exporter, operator),
    )


def _transposed(exporter: _Exporter, operator: Operator) -> None:
    """MediaPipe's custom operator: kernel O, H, W, I; options are three int32."""
    _, stride_w, stride_h = struct.unpack("<3i", operator.options)
    kernel = exporter.graph.shapes[operator.inputs[1]][1:3]
    ends = exporter.sides(operator.inputs[0]), exporter.sides(operator.outputs[0])
    strides = (stride_h, stride_w)
    # What the full transposed convolution has more than the promised output is cut off.
    excess = [(a - 1) * s + k - b for a, b, s, k in zip(*ends, strides, kernel, strict=True)]
    exporter.emit(
        "ConvTranspose",
        exporter.weights(operator, 3, 0, 1, 2),
        _inner(operator.outputs[0]),
        strides=strides,
        kernel_shape=kernel,
        pads=_split(excess),
        output_padding=[max(-e, 0) for e in excess],
    )


def _average_pool(exporter: _Exporter, operator: Operator) -> None:
    exporter.emit_fused(
        "AveragePool", [_inner(operator.inputs[0])], operator, **_window(exporter, operator)
    )


def _mean(exporter: _Exporter, operator: Operator) -> None:
    axes = exporter.graph.constants[operator.inputs[1]].ravel().tolist()
    if sorted(axes) != [1, 2] or not operator.options.keepDims:
        raise _unknown(f"MEAN over the axes {axes}")
    exporter.emit("GlobalAveragePool", [_inner(operator.inputs[0])], _inner(operator.outputs[0]))


def _resize(exporter: _Exporter, operator: Operator) -> None:
    _, channels = exporter.graph.shapes[operator.outputs[0]][::3]
    sides = exporter.sides(operator.outputs[0])
    options = operator.options
    # Without either flag TFLite takes output * scale as the position.
    plain = "align_corners" if options.alignCorners else "asymmetric"
    exporter.emit(
        "Resize",
        [
            _inner(operator.inputs[0]),
            "",
            "",
            exporter.hold(np.array([1, channels, *sides], np.int64)),
        ],
        _inner(operator.outputs[0]),
        mode="linear",
        coordinate_transformation_mode="half_pixel" if options.halfPixelCenters else plain,
    )


def _binary(kind: str) -> _Rule:
    def rule(exporter: _Exporter, operator: Operator) -> None:
        exporter.emit_fused(kind, [exporter.value(i) for i in operator.inputs], operator)

    return rule


def _unary(kind: str) -> _Rule:
    def rule(exporter: _Exporter, operator: Operator) -> None:
        exporter.emit(kind, [_inner(operator.inputs[0])], _inner(operator.outputs[0]))

    return rule


_Rule = Callable[[_Exporter, Operator], None]
_TABLE: dict[str, _Rule] = {
    "ADD": _binary("Add"),
    "AVERAGE_POOL_2D": _average_pool,
    "CONV_2D": _convolution,
    "Convolution2DTransposeBias": _transposed,
    "DEPTHWISE_CONV_2D": _depthwise,
    "HARD_SWISH": _unary("HardSwish"),
    "LOGISTIC": _unary("Sigmoid"),
    "MEAN": _mean,
    "MUL": _binary("Mul"),
    "RELU": _unary("Relu"),
    "RESIZE_BILINEAR": _resize,
}


def _window(exporter: _Exporter, operator: Operator) -> dict[str, Any]:
    """Strides, kernel, dilations and explicit padding of a convolution or pooling."""
    options, pooling = operator.options, len(operator.inputs) == 1
    strides = (options.strideH, options.strideW)
    kernel: tuple[int, ...]
    if pooling:
        kernel, dilations = (options.filterHeight, options.filterWidth), (1, 1)
    else:
        kernel = exporter.graph.shapes[operator.inputs[1]][1:3]
        dilations = (options.dilationHFactor, options.dilationWFactor)
    ends = exporter.sides(operator.inputs[0]), exporter.sides(operator.outputs[0])
    missing = [
        (b - 1) * s + (k - 1) * d + 1 - a
        for a, b, s, k, d in zip(*ends, strides, kernel, dilations, strict=True)
    ]
    pads = _split(missing if options.padding == _SAME else [0, 0])
    window: dict[str, Any] = {"strides": strides, "kernel_shape": kernel, "pads": pads}
    return window if pooling else window | {"dilations": dilations}


def _split(total: list[int]) -> list[int]:
    """Padding of (H, W) as top, left, bottom, right: the odd one goes last, as TensorFlow does."""
    total = [max(count, 0) for count in total]
    return [count // 2 for count in total] + [count - count // 2 for count in total]


def _inner(index: int) -> str:
    """Name of a computed tensor inside the ONNX graph."""
    return f"t{index}"


def _unknown(what: str) -> ModelMismatch:
    return ModelMismatch(
        f"The model cannot be converted to ONNX: it uses {what}",
        f"known are {', '.join(sorted(_TABLE))}",
        "Use --backend litert-cpu, which runs the file as it is",
    )
