"""Reads a TFLite file into a plain graph: operators, shapes, constants."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from segcam.errors import ModelCorrupt, ModelMismatch
from segcam.model_card import MOST_MODEL_BYTES
from segcam.regular import read_regular

_DTYPES: dict[int, type[np.generic]] = {
    schema.TensorType.FLOAT32: np.float32,
    schema.TensorType.FLOAT16: np.float16,
    schema.TensorType.INT32: np.int32,
}
_OPERATOR_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph.

    Attributes:
        name: ``CONV_2D`` and the like; a custom operator's own name.
        inputs, outputs: Indices of tensors; -1 for a missing optional input.
        options: The schema's option object; raw bytes for a custom operator.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Any


class Graph:
    """The single subgraph of a TFLite file, with half-precision weights converted to float32.

    Attributes:
        names, shapes: Of all tensors, by index.
        constants: Arrays of the tensors with data, by index.
        inputs, outputs: Indices of the graph's inputs and outputs.
        operators: In order of execution.
    """

    def __init__(self, path: Path) -> None:
        model = _parse(path)
        subgraph = model.subgraphs[0]
        self.names = [tensor.name.decode() for tensor in subgraph.tensors]
        self.shapes = [_integers(tensor.shape) for tensor in subgraph.tensors]
        self.inputs, self.outputs = _integers(subgraph.inputs), _integers(subgraph.outputs)
        self.constants = {
            index: _constant(tensor, model.buffers[tensor.buffer].data)
            for index, tensor in enumerate(subgraph.tensors)
            if model.buffers[tensor.buffer].data is not None
        }
        operators = [_operator(model, fields) for fields in subgraph.operators]
        self.operators = [op for op in operators if not self._fold(op)]

    def _fold(self, operator: Operator) -> bool:
        """Replace the conversion of half-precision weights by its result."""
        weights = self.constants.get(operator.inputs[0])
        if operator.name != "DEQUANTIZE" or weights is None or weights.dtype != np.float16:
            return False
        self.constants[operator.outputs[0]] = weights.astype(np.float32)
        return True


def _parse(path: Path) -> Any:
    data = read_regular(path, MOST_MODEL_BYTES)
    if not schema.Model.ModelBufferHasIdentifier(data, 0):
        raise _corrupt(path, "it does not begin like one")
    try:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    except (ValueError, TypeError, IndexError, struct.error) as error:
        raise _corrupt(path, str(error)) from error
    if not model.subgraphs or not model.subgraphs[0].operators:
        raise _corrupt(path, "it contains no graph")
    return model


def _corrupt(path: Path, reason: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"{path} is not a TFLite model", reason, "Get the file again from its source"
    )


def _operator(model: Any, fields: Any) -> Operator:
    code = model.operatorCodes[fields.opcodeIndex]
    # Old files store the number in the deprecated 8-bit field, new ones in the other.
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    custom = number == schema.BuiltinOperator.CUSTOM
    return Operator(
        code.customCode.decode() if custom else _OPERATOR_NAMES[number],
        _integers(fields.inputs),
        _integers(fields.outputs),
        bytes(fields.customOptions) if custom else fields.builtinOptions,
    )


def _constant(tensor: Any, data: Any) -> NDArray[Any]:
    if tensor.type not in _DTYPES:
        raise ModelMismatch(
            f"The tensor {tensor.name.decode()} has a data type that cannot be converted",
            f"TFLite type {tensor.type}",
            "Use --backend litert-cpu, or a model in float32 or float16",
        )
    return np.frombuffer(bytes(data), _DTYPES[tensor.type]).reshape(_integers(tensor.shape))


def _integers(values: Any) -> tuple[int, ...]:
    return () if values is None else tuple(int(value) for value in values)
