"""Convolutions, and the operators that TensorFlow puts around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from segcam.zoo.tfjs.exporter import (
    Computed,
    Exporter,
    Shape,
    Value,
    computed,
    known,
    plain,
    unsupported,
)
from segcam.zoo.tfjs.graph import Node

_ACTIVATIONS = {(): "", ("BiasAdd",): "", ("BiasAdd", "Relu"): "Relu", ("BiasAdd", "Relu6"): "Clip"}


def convolution(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """Conv2D, with fused bias and activation."""
    kernel = known(values[1])  # H, W, I, O
    return [_convolve(exporter, node, values, kernel.transpose(3, 2, 0, 1))]


def depthwise(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """A convolution of each channel by itself."""
    kernel = known(values[1])  # H, W, C, multiplier
    height, width, channels, times = kernel.shape
    weights = kernel.reshape(height, width, 1, channels * times).transpose(3, 2, 0, 1)
    return [_convolve(exporter, node, values, weights)]


def _convolve(
    exporter: Exporter, node: Node, values: Sequence[Value], weights: NDArray[Any]
) -> Computed:
    """A convolution.

    Args:
        exporter: Gets it.
        node: Its operator.
        values: The picture, the kernel and, if there is one, the bias.
        weights: The kernel as O, I, H, W.
    """
    fused, source = node.words("fused_ops"), computed(values[0])
    if fused not in _ACTIVATIONS or any(side != 1 for side in node.integers("dilations")):
        raise unsupported(f"{node.kind} with {fused} or dilations")
    strides = node.integers("strides")[1:3]
    if node.word("padding") != "VALID":
        source = _same(plain(source), weights.shape[2:], strides)
    sides = _window(source, weights.shape[2:], strides)
    assert source.shape is not None
    result = exporter.emit(
        "Conv",
        [
            source.name,
            exporter.hold(weights),
            *(exporter.hold(known(each)) for each in values[2:]),
        ],
        (1, *sides, weights.shape[0]),
        kernel_shape=weights.shape[2:],
        strides=strides,
        dilations=(source.block, source.block),
        pads=source.pads,
        group=source.shape[3] // weights.shape[1],
    )
    if _ACTIVATIONS[fused]:
        result = exporter.activate(_ACTIVATIONS[fused], result)
    result.block = source.block
    return result


def _same(source: Computed, kernel: Shape, strides: Shape) -> Computed:
    """The source with the zeros of padding SAME: the odd one goes last."""
    assert source.shape is not None
    total = [
        max((-(-side // stride) - 1) * stride + reach - side, 0)
        for side, reach, stride in zip(source.shape[1:3], kernel, strides, strict=True)
    ]
    (top, left), (bottom, right) = [n // 2 for n in total], [n - n // 2 for n in total]
    return Computed(source.name, source.shape, (top, left, bottom, right))


def _window(source: Computed, kernel: Shape, strides: Shape) -> Shape:
    """Sides of a convolution's result."""
    assert source.shape is not None
    top, left, bottom, right = source.pads
    whole = source.shape[1] + top + bottom, source.shape[2] + left + right
    reach = [(side - 1) * source.block + 1 for side in kernel]
    return tuple((w - r) // s + 1 for w, r, s in zip(whole, reach, strides, strict=True))


def padded(_: Exporter, _node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """Pad: the next convolution adds the zeros."""
    source, amounts = plain(values[0]), known(values[1])
    if amounts[[0, 3]].any():
        raise unsupported("Pad of other axes than height and width")
    (top, bottom), (left, right) = amounts[1:3].tolist()
    return [Computed(source.name, source.shape, (top, left, bottom, right))]


def reordered(_: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """SpaceToBatchND, which TensorFlow puts before a convolution with dilations."""
    source, (down, across), amounts = computed(values[0]), known(values[1]), known(values[2])
    if down != across or source.block != 1:
        raise unsupported(f"{node.kind} with a block of {down}x{across}")
    (top, bottom), (left, right) = amounts.tolist()
    added = tuple(a + b for a, b in zip(source.pads, (top, left, bottom, right), strict=True))
    return [
        Computed(source.name, source.shape, (added[0], added[1], added[2], added[3]), int(down))
    ]


def ordered(exporter: Exporter, node: Node, values: Sequence[Value]) -> Sequence[Value]:
    """BatchToSpaceND, which follows that convolution and crops it."""
    source, (block, _), crops = computed(values[0]), known(values[1]), known(values[2])
    if source.block != block or crops[:, 0].any():
        raise unsupported(f"{node.kind} that does not follow its counterpart")
    assert source.shape is not None
    _, height, width, channels = source.shape
    shape = (1, height - int(crops[0, 1]), width - int(crops[1, 1]), channels)
    whole = Computed(source.name, source.shape)
    return [exporter.crop(whole, (0, 0), shape)]
