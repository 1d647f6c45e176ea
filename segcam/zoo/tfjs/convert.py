"""Converts a TensorFlow.js graph model to ONNX with static shapes.

Shapes, sizes and branches that depend only on the sizes of the inputs are computed here, so that
the ONNX file holds nothing but the network. It is NCHW throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from segcam.errors import ModelCorrupt, SegCamError
from segcam.model_card import ModelCard
from segcam.zoo.tfjs.exporter import (
    DEAD,
    Computed,
    Dead,
    Exporter,
    Value,
    computed,
    plain,
    unsupported,
)
from segcam.zoo.tfjs.graph import Graph, Node
from segcam.zoo.tfjs.operators import FLOW, LATER, NOW

_OPSET, _IR_VERSION = 17, 8
"""As in `segcam.zoo.convert`."""


FIXED = {"downsample_ratio": np.array(1, np.float32)}
"""Inputs that are no pictures. Robust Video Matting can work at a share of the picture's size; the
card's input has the size at which it works already."""


def for_card(card: ModelCard, model: bytes, weights: bytes) -> bytes:
    """Convert a graph model to the file that a model card describes.

    Args:
        card: Its tensors, which are NCHW, have the names of the model's signature.
        model: The content of its .json file.
        weights: The content of its .bin file.

    Raises:
        ModelMismatch, ModelCorrupt: As `to_onnx`; also if the model has other tensors.
    """
    with _telling():
        graph = Graph(model, weights)
        _, channels, height, width = card.input.shape
        given = {
            card.input.name: (1, height, width, channels),
            **{state.input: None for state in card.state},
            **{name: value for name, value in FIXED.items() if name in graph.nodes},
        }
        labels = [card.output.name, *(state.output for state in card.state)]
        wanted = {graph.results[label]: label for label in labels}
    return to_onnx(graph, given, wanted)


def to_onnx(
    graph: Graph,
    given: Mapping[str, tuple[int, int, int, int] | NDArray[Any] | None],
    wanted: Mapping[str, str],
) -> bytes:
    """Convert.

    Args:
        graph: The model.
        given: For each input its shape (1, H, W, C), its value if that is fixed, or None if its
            shape follows from the others'.
        wanted: Names of results in the model, and the names that they get.

    Returns:
        A serialised ONNX model.

    Raises:
        ModelMismatch: It has an operator, or a use of one, without a rule in
            `segcam.zoo.tfjs.operators`.
        ModelCorrupt: It contradicts itself.
    """
    with _telling():
        model = _Translation(graph, given).model(wanted)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


@contextmanager
def _telling() -> Iterator[None]:
    """Turn any other error into ModelCorrupt."""
    try:
        yield
    except SegCamError:
        raise
    except Exception as error:  # a stranger's file can be wrong in any way
        raise ModelCorrupt(
            "The model cannot be converted to ONNX",
            f"it contradicts itself: {error!r}",
            "Get the file again from where it came",
        ) from error


class _Translation:
    def __init__(self, graph: Graph, given: Mapping[str, Any]) -> None:
        self._graph = graph
        self._exporter = Exporter()
        self._done: dict[str, Sequence[Value]] = {}
        for name, about in given.items():
            fixed = isinstance(about, np.ndarray)
            self._done[name] = [about if fixed else Computed(name, about)]
        self._open = [name for name, about in given.items() if not isinstance(about, np.ndarray)]

    def model(self, wanted: Mapping[str, str]) -> Any:
        """The ONNX model."""
        results = []
        for name, label in wanted.items():
            source = plain(self._value(name))
            self._exporter.nodes.append(helper.make_node("Identity", [source.name], [label]))
            results.append(Computed(label, source.shape))
        inputs = [computed(self._done[name][0]) for name in self._open]
        whole = helper.make_graph(
            self._exporter.nodes,
            "segcam",
            [_described(each) for each in inputs],
            [_described(each) for each in results],
            initializer=self._exporter.initializers,
        )
        return helper.make_model(
            whole,
            producer_name="segcam",
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )

    def _value(self, wanted: str) -> Value:
        """A result, computed with all that it needs. Not recursive: graphs are deep."""
        waiting = [_node_of(wanted)]
        while waiting:
            name = waiting[-1]
            node = self._graph.nodes[name]
            missing = [each for each in map(_node_of, node.inputs) if each not in self._done]
            if name in self._done or not missing:
                waiting.pop()
                if name not in self._done:
                    self._done[name] = self._translated(node)
            elif missing[0] in waiting:
                raise ValueError(f"{name} needs itself")
            else:
                waiting.append(missing[0])
        return self._found(wanted)

    def _found(self, name: str) -> Value:
        """A result that is there."""
        return self._done[_node_of(name)][_number_of(name)]

    def _translated(self, node: Node) -> Sequence[Value]:
        """The results of a node whose inputs are there."""
        if node.kind == "Const":
            return [self._graph.constants[node.name]]
        values = [self._found(name) for name in node.inputs]
        if node.kind == "Merge":
            return [next(each for each in values if not isinstance(each, Dead))]
        if any(isinstance(each, Dead) for each in values):
            return [DEAD, DEAD]
        if node.kind in FLOW:
            return FLOW[node.kind](values)
        numbers = [each for each in values if isinstance(each, np.ndarray)]
        if len(numbers) == len(values) and node.kind in NOW:
            return [np.asarray(NOW[node.kind](node, numbers))]
        if node.kind not in LATER:
            raise unsupported(node.kind)
        return LATER[node.kind](self._exporter, node, values)


def _node_of(name: str) -> str:
    """The node of a result: ``name`` or ``name:1``."""
    return name.partition(":")[0]


def _number_of(name: str) -> int:
    return int(name.partition(":")[2] or 0)


def _described(tensor: Computed) -> Any:
    assert tensor.shape is not None
    _, height, width, channels = tensor.shape
    shape = (1, channels, height, width)
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, shape)
