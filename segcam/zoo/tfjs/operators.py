"""The operators of matting networks: how to compute them now, and their form in ONNX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcam.zoo.tfjs.convolution import convolution, depthwise, ordered, padded, reordered
from segcam.zoo.tfjs.exporter import (
    DEAD,
    Computed,
    Exporter,
    Value,
    known,
    plain,
    unsupported,
    whole_shape,
)
from segcam.zoo.tfjs.graph import Node

Rule = Callable[[Exporter, Node, Sequence[Value]], Sequence[Value]]
"""From the inputs' values to the results'."""
_CAST = {"DT_INT32": np.int32, "DT_FLOAT": np.float32, "DT_BOOL": np.bool_}


def _stretch(node: Node, values: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """StridedSlice of a list of numbers."""
    data, (begin,), (end,), (step,) = values
    if any(node.integer(mask) for mask in ("ellipsis_mask", "new_axis_mask")):
        raise unsupported("StridedSlice with an ellipsis or a new axis")
    if node.integer("shrink_axis_mask"):
        return np.asarray(data[begin])
    first = None if node.integer("begin_mask") else begin
    return data[first : None if node.integer("end_mask") else end : step]


def _switched(values: Sequence[Value]) -> Sequence[Value]:
    """A branch: the first result lives if the condition is false, the second if it is true."""
    value, condition = values[0], bool(known(values[1]))
    return [DEAD, value] if condition else [value, DEAD]


FLOW: dict[str, Callable[[Sequence[Value]], Sequence[Value]]] = {
    "Identity": lambda values: [values[0]],
    "Shape": lambda values: [np.array(whole_shape(values[0]), np.int32)],
    "Switch": _switched,
}
"""Rules for operators that compute no picture."""
NOW: dict[str, Callable[[Node, Sequence[NDArray[Any]]], NDArray[Any]]] = {
    "Add": lambda _, v: v[0] + v[1],
    "AddV2": lambda _, v: v[0] + v[1],
    "Cast": lambda node, v: v[0].astype(_CAST[node.fields["DstT"]["type"]]),
    "ConcatV2": lambda _, v: np.concatenate(v[:-1], int(v[-1])),
    "Equal": lambda _, v: np.equal(v[0], v[1]),
    "FloorMod": lambda _, v: np.mod(v[0], v[1]),
    "Mul": lambda _, v: v[0] * v[1],
    "Pack": lambda node, v: np.stack(v, node.integer("axis")),
    "Squeeze": lambda _, v: np.squeeze(v[0]),
    "StridedSlice": _stretch,
    "Sub": lambda _, v: v[0] - v[1],
}
"""Rules for operands that are known while converting."""


def _slice(exporter: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
    source, begin, size = plain(values[0]), known(values[1]), known(values[2])
    assert source.shape is not None
    sides = [
        whole - first if side < 0 else side
        for whole, first, side in zip(source.shape, begin.tolist(), size.tolist(), strict=True)
    ]
    if begin[[0, 3]].any() or sides[3] != source.shape[3]:
        raise unsupported("Slice of other axes than height and width")
    return [exporter.crop(source, (int(begin[1]), int(begin[2])), tuple(sides))]


def _average(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """AvgPool whose windows neither overlap nor reach beyond the picture."""
    source, window = plain(values[0]), node.integers("ksize")[1:3]
    assert source.shape is not None
    _, height, width, channels = source.shape
    whole = height % window[0] == 0 and width % window[1] == 0
    if window != node.integers("strides")[1:3] or not whole:
        raise unsupported("AvgPool with overlapping or partial windows")
    shape = (1, height // window[0], width // window[1], channels)
    return [exporter.emit("AveragePool", [source.name], shape, kernel_shape=window, strides=window)]


def _mean(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    source, axes = plain(values[0]), known(values[1])
    if sorted(axes.ravel().tolist()) != [1, 2] or not node.yes("keep_dims"):
        raise unsupported("Mean over other axes than height and width")
    assert source.shape is not None
    return [exporter.emit("GlobalAveragePool", [source.name], (1, 1, 1, source.shape[3]))]


def _resize(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    source, sides = plain(values[0]), known(values[1]).tolist()
    if not node.yes("half_pixel_centers"):
        raise unsupported("ResizeBilinear that does not keep the pixels' centres")
    assert source.shape is not None
    channels = source.shape[3]
    size = exporter.hold(np.array([1, channels, *sides], np.int64))
    return [
        exporter.emit(
            "Resize",
            [source.name, "", "", size],
            (1, *sides, channels),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )
    ]


def _split(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    axis, source = int(known(values[0])), plain(values[1])
    assert source.shape is not None
    count = node.integer("num_split")
    return _parts(exporter, source, axis, [source.shape[3] // count] * count)


def _split_at(exporter: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
    source, sizes, axis = plain(values[0]), known(values[1]), int(known(values[2]))
    return _parts(exporter, source, axis, sizes.tolist())


def _parts(
    exporter: Exporter, source: Computed, axis: int, sizes: Sequence[int]
) -> Sequence[Value]:
    assert source.shape is not None
    if axis not in (-1, 3) or sum(sizes) != source.shape[3]:
        raise unsupported("a split of something else than channels")
    return exporter.emit_split(source, sizes)


def _joined(exporter: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
    *operands, axis = values
    sources = [plain(each) for each in operands]
    if int(known(axis)) not in (-1, 3):
        raise unsupported("ConcatV2 of something else than channels")
    shapes = [each.shape for each in sources if each.shape is not None]
    shape = (*shapes[0][:3], sum(each[3] for each in shapes))
    return [exporter.emit("Concat", [each.name for each in sources], shape, axis=1)]


def _broadcast(_: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """An input that may be smaller here gets its whole shape."""
    source, shape = values[0], tuple(known(values[1]).tolist())
    if isinstance(source, Computed) and source.shape in (None, shape):
        source.shape = shape
        return [source]
    raise unsupported("BroadcastTo of something else than an input")


def _binary(kind: str) -> Rule:
    def rule(exporter: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
        shapes = [v.shape for v in values if isinstance(v, Computed | np.ndarray)]
        shape = np.broadcast_shapes(*(each for each in shapes if each is not None))
        return [exporter.emit(kind, [exporter.name_of(each) for each in values], shape)]

    return rule


def _unary(kind: str) -> Rule:
    return lambda exporter, _, values: [exporter.activate(kind, plain(values[0]))]


LATER: dict[str, Rule] = {
    "Add": _binary("Add"),
    "AddV2": _binary("Add"),
    "AvgPool": _average,
    "BatchToSpaceND": ordered,
    "BroadcastTo": _broadcast,
    "ConcatV2": _joined,
    "Conv2D": convolution,
    "DepthwiseConv2dNative": depthwise,
    "FusedDepthwiseConv2dNative": depthwise,
    "Maximum": _binary("Max"),
    "Mean": _mean,
    "Minimum": _binary("Min"),
    "Mul": _binary("Mul"),
    "Pad": padded,
    "RealDiv": _binary("Div"),
    "Relu6": _unary("Clip"),
    "ResizeBilinear": _resize,
    "Sigmoid": _unary("Sigmoid"),
    "Slice": _slice,
    "SpaceToBatchND": reordered,
    "Split": _split,
    "SplitV": _split_at,
    "Sub": _binary("Sub"),
    "Tanh": _unary("Tanh"),
    "_FusedConv2D": convolution,
}
"""Rules for operands that the model computes."""
