"""Builds TFLite files of a few operators: models for tests without a download."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from segcam.model_card import ModelCard, Tensor

_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int32": schema.TensorType.INT32,
}


@dataclass
class TinyModel:
    """A graph under construction; tensor 0 is the input, the last one made is the output."""

    input_shape: tuple[int, ...]
    tensors: list[Any] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=list)
    codes: list[Any] = field(default_factory=list)
    operators: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.buffers.append(schema.BufferT())
        self.add_tensor(self.input_shape)

    def add_tensor(self, shape: Sequence[int], dtype: str = "float32", buffer: int = 0) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = list(shape), _TYPES[dtype], buffer
        tensor.name = f"tensor_{len(self.tensors)}"
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, array: np.ndarray) -> int:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
        self.buffers.append(buffer)
        return self.add_tensor(array.shape, array.dtype.name, len(self.buffers) - 1)

    def add(
        self, name: str, inputs: Sequence[int], shape: Sequence[int], kind: str = "", **fields: Any
    ) -> int:
        """Append the builtin operator ``name``; ``kind`` names its table of options."""
        options = getattr(schema, f"{kind}T")() if kind else None
        for key, value in fields.items():
            assert hasattr(options, key)
            setattr(options, key, value)
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = 1
        operator = self._append(code, inputs, shape)
        if options:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        return operator.outputs[0]

    def add_transposed(self, inputs: Sequence[int], shape: Sequence[int], stride: int) -> int:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode, code.version = "Convolution2DTransposeBias", 1
        operator = self._append(code, inputs, shape)
        operator.customOptions = np.frombuffer(struct.pack("<3i", 1, stride, stride), np.uint8)
        return operator.outputs[0]

    def _append(self, code: Any, inputs: Sequence[int], shape: Sequence[int]) -> Any:
        self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs = len(self.codes) - 1, list(inputs)
        operator.outputs = [self.add_tensor(shape)]
        self.operators.append(operator)
        return operator

    def write(self, path: Path) -> Path:
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = [0], [len(self.tensors) - 1]
        model = schema.ModelT()
        model.version, model.subgraphs = 3, [graph]
        model.operatorCodes, model.buffers = self.codes, self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        path.write_bytes(bytes(builder.Output()))
        return path


def tiny_segmenter(path: Path, size: tuple[int, int] = (48, 64)) -> ModelCard:
    """Write a model that computes a soft threshold on blurred green, and return its card.

    It is large enough that one run takes about a millisecond.
    """
    height, width = size
    rng = np.random.default_rng(7)
    model = TinyModel((1, height, width, 3))
    first = rng.normal(0, 0.3, (32, 3, 3, 3)).astype(np.float16)
    wide = model.constant(first)
    kernel = model.add("DEQUANTIZE", [wide], first.shape, "DequantizeOptions")
    bias = model.constant(np.zeros(32, np.float32))
    features = model.add(
        "CONV_2D", [0, kernel, bias], (1, height, width, 32), "Conv2DOptions",
        padding=schema.Padding.SAME, strideH=1, strideW=1,
        fusedActivationFunction=schema.ActivationFunctionType.RELU6,
    )  # fmt: skip
    last = model.constant(rng.normal(0, 0.3, (1, 3, 3, 32)).astype(np.float32))
    matte = model.add(
        "CONV_2D", [features, last, model.constant(np.zeros(1, np.float32))],
        (1, height, width, 1), "Conv2DOptions", padding=schema.Padding.SAME, strideH=1, strideW=1,
    )  # fmt: skip
    output = model.add("LOGISTIC", [matte], (1, height, width, 1))
    digest = sha256(model.write(path).read_bytes()).hexdigest()
    return ModelCard(
        name=path.stem,
        title="Tiny",
        licence="Apache-2.0",
        origin="tests",
        file=path.name,
        sha256=digest,
        input=Tensor("tensor_0", (1, height, width, 3), "nhwc"),
        output=Tensor(f"tensor_{output}", (1, height, width, 1), "nhwc"),
    )


def write_segmenter(path: Path, size: tuple[int, int] = (48, 64)) -> ModelCard:
    """As `tiny_segmenter`, and write the card's file next to it."""
    card = tiny_segmenter(path, size)
    path.with_suffix(".toml").write_text(_text(card))
    return card


def _text(card: ModelCard) -> str:
    names = ("name", "title", "licence", "origin", "file", "sha256", "activation")
    lines = [f'{name} = "{getattr(card, name)}"' for name in names]
    for role, tensor in (("input", card.input), ("output", card.output)):
        lines += [f"[{role}]", f'name = "{tensor.name}"', f"shape = {list(tensor.shape)}"]
        lines += [f'layout = "{tensor.layout}"']
    return "\n".join(lines)
