"""The table of operators: the ONNX form of each TFLite operator."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from segcam.zoo.exporter import Exporter, inner, unsupported
from segcam.zoo.tflite import Operator

_SAME = schema.Padding.SAME


def _convolution(exporter: Exporter, operator: Operator) -> None:
    exporter.emit_fused(
        "Conv", exporter.weights(operator, 0, 3, 1, 2), operator, **_window(exporter, operator)
    )


def _depthwise(exporter: Exporter, operator: Operator) -> None:
    groups = exporter.graph.shapes[operator.inputs[0]][3]
    exporter.emit_fused(
        "Conv",
        exporter.weights(operator, 3, 0, 1, 2),
        operator,
        group=groups,
        **_window(exporter, operator),
    )


def _transposed(exporter: Exporter, operator: Operator) -> None:
    """MediaPipe's custom operator: kernel O, H, W, I; options are three int32."""
    _, stride_w, stride_h = struct.unpack("<3i", operator.options)
    kernel = exporter.graph.shapes[operator.inputs[1]][1:3]
    ends = exporter.sides(operator.inputs[0]), exporter.sides(operator.outputs[0])
    strides = (stride_h, stride_w)
    # The full transposed convolution is cropped to the declared output.
    excess = [(a - 1) * s + k - b for a, b, s, k in zip(*ends, strides, kernel, strict=True)]
    exporter.emit(
        "ConvTranspose",
        exporter.weights(operator, 3, 0, 1, 2),
        inner(operator.outputs[0]),
        strides=strides,
        kernel_shape=kernel,
        pads=_split(excess),
        output_padding=[max(-e, 0) for e in excess],
    )


def _average_pool(exporter: Exporter, operator: Operator) -> None:
    exporter.emit_fused(
        "AveragePool", [inner(operator.inputs[0])], operator, **_window(exporter, operator)
    )


def _mean(exporter: Exporter, operator: Operator) -> None:
    axes = exporter.graph.constants[operator.inputs[1]].ravel().tolist()
    if sorted(axes) != [1, 2] or not operator.options.keepDims:
        raise unsupported(f"MEAN over the axes {axes}")
    exporter.emit("GlobalAveragePool", [inner(operator.inputs[0])], inner(operator.outputs[0]))


def _resize(exporter: Exporter, operator: Operator) -> None:
    _, channels = exporter.graph.shapes[operator.outputs[0]][::3]
    sides = exporter.sides(operator.outputs[0])
    options = operator.options
    # Without either flag TFLite uses output * scale as the position.
    plain = "align_corners" if options.alignCorners else "asymmetric"
    exporter.emit(
        "Resize",
        [
            inner(operator.inputs[0]),
            "",
            "",
            exporter.hold(np.array([1, channels, *sides], np.int64)),
        ],
        inner(operator.outputs[0]),
        mode="linear",
        coordinate_transformation_mode="half_pixel" if options.halfPixelCenters else plain,
    )


def _binary(kind: str) -> _Rule:
    def rule(exporter: Exporter, operator: Operator) -> None:
        exporter.emit_fused(kind, [exporter.value(i) for i in operator.inputs], operator)

    return rule


def _unary(kind: str) -> _Rule:
    def rule(exporter: Exporter, operator: Operator) -> None:
        exporter.emit(kind, [inner(operator.inputs[0])], inner(operator.outputs[0]))

    return rule


_Rule = Callable[[Exporter, Operator], None]
TABLE: dict[str, _Rule] = {
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


def _window(exporter: Exporter, operator: Operator) -> dict[str, Any]:
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
    """Padding of (H, W) as top, left, bottom, right: the odd pixel goes last, as in TensorFlow."""
    total = [max(count, 0) for count in total]
    return [count // 2 for count in total] + [count - count // 2 for count in total]
