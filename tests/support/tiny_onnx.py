"""A recurrent ONNX model of a few operators, for tests without a download."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from segcam.frame import F32
from segcam.model_card import ModelCard, State, Tensor

KEPT, NEW, COUNTED = 0.5, 0.375, 0.03125
"""Share of each state that is kept, of the picture in a matte, and what each picture adds."""


def tiny_recurrent(path: Path, size: tuple[int, int] = (36, 64)) -> ModelCard:
    """Write a model with two states: the last matte, and one number. It sees only red."""
    height, width = size
    plane, one = (1, 1, height, width), (1, 1, 1, 1)
    nodes = [
        helper.make_node("Slice", ["picture", "zero", "first", "channels"], ["red"]),
        helper.make_node("Mul", ["red", "new"], ["fresh"]),
        helper.make_node("Mul", ["trail_in", "kept"], ["old"]),
        helper.make_node("Mul", ["count_in", "kept"], ["before"]),
        helper.make_node("Add", ["before", "counted"], ["count_out"]),
        helper.make_node("Sum", ["fresh", "old", "count_out"], ["matte"]),
        helper.make_node("Identity", ["matte"], ["trail_out"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            _value(n, s)
            for n, s in (("count_in", one), ("picture", (1, 3, *size)), ("trail_in", plane))
        ],
        [_value(n, s) for n, s in (("trail_out", plane), ("matte", plane), ("count_out", one))],
        initializer=[
            numpy_helper.from_array(np.array(value, dtype), name)
            for name, value, dtype in (
                ("new", NEW, np.float32),
                ("kept", KEPT, np.float32),
                ("counted", [[[[COUNTED]]]], np.float32),
                ("zero", [0], np.int64),
                ("first", [1], np.int64),
                ("channels", [1], np.int64),
            )
        ],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return ModelCard(
        name="tiny-recurrent",
        title="Tiny",
        licence="MIT",
        origin="this test",
        file=path.name,
        sha256=sha256(path.read_bytes()).hexdigest(),
        input=Tensor("picture", (1, 3, *size), "nchw"),
        output=Tensor("matte", plane, "nchw"),
        state=(State("trail_in", "trail_out", plane), State("count_in", "count_out", one)),
    )


def expected(pictures: list[F32]) -> list[F32]:
    """The mattes of consecutive pictures, float32 (1, 3, h, w), from an empty state on."""
    mattes: list[F32] = []
    count = 0.0
    for picture in pictures:
        old = mattes[-1] if mattes else np.zeros_like(picture[:, :1])
        count = KEPT * count + COUNTED
        mattes.append(NEW * picture[:, :1] + KEPT * old + np.float32(count))
    return mattes


def _value(name: str, shape: tuple[int, ...]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
