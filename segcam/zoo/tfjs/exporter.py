"""Builds an ONNX graph from a graph model whose shapes are fixed while it is converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from segcam.errors import ModelMismatch

Shape = tuple[int, ...]


@dataclass(slots=True)
class Computed:
    """A tensor that the model computes: NHWC in TensorFlow, NCHW in ONNX.

    Attributes:
        name: In the ONNX graph.
        shape: (1, H, W, C), or None for an input whose shape its use will tell.
        pads: Zeros around it that are still to be added: top, left, bottom, right.
        block: Distance of the pixels that the next convolution joins. TensorFlow reorders the
            pixels for that, ONNX does not.
    """

    name: str
    shape: Shape | None
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    block: int = 1


class Dead:
    """The result of a branch that is not taken."""


DEAD: Final = Dead()
Value = NDArray[Any] | Computed | Dead
"""What a node gives: known while converting, computed by the model, or nothing."""


class Exporter:
    """Collects the nodes and initializers of the ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def emit(self, kind: str, inputs: Sequence[str], shape: Shape, **attributes: Any) -> Computed:
        """Append a node with one result.

        Args:
            kind: ONNX's name.
            inputs: Names.
            shape: NHWC, of the result.
            attributes: ONNX's.
        """
        result = Computed(f"t{len(self.nodes)}", shape)
        self.nodes.append(helper.make_node(kind, inputs, [result.name], **attributes))
        return result

    def emit_split(self, source: Computed, sizes: Sequence[int]) -> list[Computed]:
        """Split the channels."""
        assert source.shape is not None
        start = len(self.nodes)
        parts = [
            Computed(f"t{start}.{number}", (*source.shape[:3], size))
            for number, size in enumerate(sizes)
        ]
        names = [source.name, self.hold(np.array(sizes, np.int64))]
        outputs = [part.name for part in parts]
        self.nodes.append(helper.make_node("Split", names, outputs, axis=1))
        return parts

    def activate(self, kind: str, source: Computed) -> Computed:
        """An activation; Clip is that to 0..6."""
        assert source.shape is not None
        limits = [np.array(each, np.float32) for each in ((0, 6) if kind == "Clip" else ())]
        return self.emit(kind, [source.name, *map(self.hold, limits)], source.shape)

    def crop(self, source: Computed, first: Shape, shape: Shape) -> Computed:
        """A part of the rows and columns; the source itself if that is all of them.

        Args:
            source: The whole.
            first: Its first row and column.
            shape: NHWC, of the part.
        """
        if shape == source.shape:
            return source
        ends = (first[0] + shape[1], first[1] + shape[2])
        numbers = [self.hold(np.array(each, np.int64)) for each in (first, ends, (2, 3))]
        return self.emit("Slice", [source.name, *numbers], shape)

    def hold(self, array: NDArray[Any]) -> str:
        """Store a constant and return its name."""
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def name_of(self, value: Value) -> str:
        """Name of an operand; a known one gets TensorFlow's last axis as its channels."""
        if isinstance(value, Computed):
            return plain(value).name
        assert isinstance(value, np.ndarray)
        whole = value.reshape((1,) * (4 - value.ndim) + value.shape)
        return self.hold(np.moveaxis(whole, 3, 1))


def computed(value: Value) -> Computed:
    """The value, which must be computed, with a known shape."""
    if not isinstance(value, Computed) or value.shape is None:
        raise unsupported("an operator on something else than a picture")
    return value


def plain(value: Value) -> Computed:
    """The same, with nothing left to be done to it."""
    found = computed(value)
    if any(found.pads) or found.block != 1:
        raise unsupported("zeros around something else than a convolution's input")
    return found


def whole_shape(value: Value) -> Shape:
    """The shape (1, H, W, C), with the zeros around it."""
    if isinstance(value, np.ndarray):
        return value.shape
    found = computed(value)
    if found.block != 1:
        raise unsupported("the shape of reordered pixels")
    assert found.shape is not None
    (batch, height, width, channels), (top, left, bottom, right) = found.shape, found.pads
    return batch, height + top + bottom, width + left + right, channels


def known(value: Value) -> NDArray[Any]:
    """The value, which must be known while converting."""
    if not isinstance(value, np.ndarray):
        raise unsupported("a size or weight that depends on the picture")
    return value


def unsupported(what: str) -> ModelMismatch:
    """The error for an operator, or a use of one, that has no translation."""
    return ModelMismatch(
        f"The model cannot be converted to ONNX: it uses {what}",
        "this has no translation in segcam.zoo.tfjs",
        "Choose another model: segcam models list",
    )
