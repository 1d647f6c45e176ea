"""A recurrent TensorFlow.js graph model with the operators of matting networks, and its answer."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam.frame import F32
from segcam.model_card import ModelCard, State, Tensor

SIZE = (8, 12)
HALF = (1, 4, 4, 6)
"""The state's shape, NCHW."""


class TinyGraph:
    """Nodes and weights under construction; weights are stored in 8 bits."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        self.nodes: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.data = b""
        self.weights: dict[str, F32] = {}
        for name, shape in {
            "first": (3, 3, 3, 4),
            "first_bias": (4,),
            "wide": (3, 3, 4, 1),
            "gate": (1, 1, 4, 4),
            "mix": (3, 3, 8, 8),
            "mix_bias": (8,),
            "last": (1, 1, 4, 1),
            "last_bias": (1,),
        }.items():
            self._weight(name, rng.integers(0, 256, shape, np.uint8))

    def node(self, name: str, kind: str, *inputs: str, **fields: Any) -> None:
        """Add an operator."""
        attributes = {key: _field(value) for key, value in fields.items()}
        self.nodes.append({"name": name, "op": kind, "input": list(inputs), "attr": attributes})

    def numbers(self, name: str, values: Any) -> str:
        """Add a constant of whole numbers."""
        array = np.array(values, np.int32)
        self.entries.append({"name": name, "shape": list(array.shape), "dtype": "int32"})
        self.data += array.tobytes()
        self.node(name, "Const")
        return name

    def _weight(self, name: str, packed: Any) -> None:
        quantization = {"dtype": "uint8", "scale": 0.005, "min": -0.6}
        shape = list(packed.shape)
        entry = {"name": name, "shape": shape, "dtype": "float32", "quantization": quantization}
        self.entries.append(entry)
        self.data += packed.tobytes()
        self.weights[name] = packed.astype(np.float32) * np.float32(0.005) - np.float32(0.6)
        self.node(name, "Const")

    def files(self) -> tuple[bytes, bytes]:
        """The contents of the .json and the .bin file."""
        outputs = {"pha": {"name": "Identity:0"}, "r1o": {"name": "Identity_1:0"}}
        model = {
            "signature": {"outputs": outputs},
            "modelTopology": {"node": self.nodes},
            "weightsManifest": [{"paths": ["tiny.bin"], "weights": self.entries}],
        }
        return json.dumps(model).encode(), self.data


def tiny_graph() -> TinyGraph:
    """The network."""
    graph = TinyGraph()
    one = (1, 1, 1, 1)
    for name in ("src", "r1i", "downsample_ratio"):
        graph.node(name, "Placeholder")
    # A branch that depends on the size alone: the other one has no translation.
    graph.numbers("whole", 1)
    graph.node("ratio", "Cast", "whole", DstT={"type": "DT_FLOAT"})
    graph.node("equal", "Equal", "downsample_ratio", "ratio")
    graph.node("condition", "Squeeze", "equal")
    graph.node("switch", "Switch", "src", "condition")
    graph.node("else", "Untranslatable", "switch")
    graph.node("merge", "Merge", "else", "switch:1")
    # Zeros, strides, an activation.
    graph.numbers("zeros", [[0, 0], [1, 1], [1, 1], [0, 0]])
    graph.node("padded", "Pad", "merge", "zeros")
    fused = {"strides": (1, 2, 2, 1), "dilations": one, "fused_ops": ("BiasAdd", "Relu6")}
    graph.node("x1", "_FusedConv2D", "padded", "first", "first_bias", padding="VALID", **fused)
    # Dilations, as TensorFlow writes them; 4 + 2 + 2 rows and 6 + 2 + 2 columns are even.
    graph.numbers("block", [2, 2])
    graph.numbers("around", [[2, 2], [2, 2]])
    graph.numbers("crops", [[0, 0], [0, 0]])
    graph.node("spread", "SpaceToBatchND", "x1", "block", "around")
    plain = {"strides": one, "dilations": one}
    graph.node("blocks", "DepthwiseConv2dNative", "spread", "wide", padding="VALID", **plain)
    graph.node("x2", "BatchToSpaceND", "blocks", "block", "crops")
    # A gate from the mean of the picture.
    graph.numbers("sides", [1, 2])
    graph.node("mean", "Mean", "x2", "sides", keep_dims=True)
    graph.node("weighed", "Conv2D", "mean", "gate", padding="VALID", **plain)
    graph.node("opened", "Sigmoid", "weighed")
    graph.node("x3", "Mul", "x2", "opened")
    # The state.
    graph.node("shape", "Shape", "x3")
    graph.node("before", "BroadcastTo", "r1i", "shape")
    graph.numbers("last_axis", -1)
    graph.node("both", "ConcatV2", "x3", "before", "last_axis")
    same = {"fused_ops": ("BiasAdd",), **plain}
    graph.node("mixed", "_FusedConv2D", "both", "mix", "mix_bias", padding="SAME", **same)
    graph.numbers("channels", 3)
    graph.node("halves", "Split", "channels", "mixed", num_split=2)
    graph.node("new", "Tanh", "halves")
    graph.node("share", "Sigmoid", "halves:1")
    graph.node("change", "Sub", "new", "before")
    graph.node("part", "Mul", "share", "change")
    graph.node("after", "AddV2", "before", "part")
    # Back to the picture's size, which is read from the picture.
    graph.node("size", "Shape", "merge")
    for name, place in (("from", 1), ("to", 3), ("by", 1)):
        graph.numbers(name, [place])
    graph.node("wanted", "StridedSlice", "size", "from", "to", "by")
    graph.node("large", "ResizeBilinear", "after", "wanted", half_pixel_centers=True)
    graph.node("matte", "_FusedConv2D", "large", "last", "last_bias", padding="VALID", **same)
    graph.node("squashed", "Sigmoid", "matte")
    graph.node("Identity", "Identity", "squashed")
    graph.node("Identity_1", "Identity", "after")
    return graph


def answer(graph: TinyGraph, picture: F32, state: F32) -> tuple[F32, F32]:
    """Matte and new state, calculated by hand.

    Args:
        graph: From `tiny_graph`.
        picture: float32 (H, W, 3).
        state: float32 (H/2, W/2, 4).
    """
    w = graph.weights
    x1 = np.clip(_conv(picture, w["first"], 1, 2, 1) + w["first_bias"], 0, 6)
    wide = np.zeros((3, 3, 4, 4), np.float32)
    wide[:, :, range(4), range(4)] = w["wide"][..., 0]
    x2 = _conv(x1, wide, 2, 1, 2)
    x3 = x2 * _sigmoid(x2.mean(axis=(0, 1)) @ w["gate"][0, 0])
    mixed = _conv(np.dstack([x3, state]), w["mix"], 1, 1, 1) + w["mix_bias"]
    after = state + _sigmoid(mixed[..., 4:]) * (np.tanh(mixed[..., :4]) - state)
    large = cv2.resize(after, SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    matte = _sigmoid(large @ w["last"][0, 0] + w["last_bias"])
    return matte[..., 0], after


def tiny_package(folder: Path) -> tuple[bytes, ModelCard]:
    """An npm package with the model, and a card without the hash of the converted file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for ending, content in zip(("json", "bin"), tiny_graph().files(), strict=True):
            about = tarfile.TarInfo(f"package/models/tiny.{ending}")
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    data = packed.getvalue()
    card = ModelCard(
        name="tiny",
        title="Tiny",
        licence="MIT",
        origin="this test",
        file="tiny.onnx",
        sha256="0" * 64,
        input=Tensor("src", (1, 3, *SIZE), "nchw"),
        output=Tensor("pha", (1, 1, *SIZE), "nchw"),
        state=(State("r1i", "r1o", HALF),),
        npm="@somebody/tiny@1.0.0",
        npm_sha256=sha256(data).hexdigest(),
        member="package/models/tiny.json",
    )
    return data, card


def _conv(picture: F32, kernel: F32, zeros: int, stride: int, spread: int) -> F32:
    padded = np.pad(picture, ((zeros, zeros), (zeros, zeros), (0, 0)))
    rows, columns = (
        (side - (reach - 1) * spread - 1) // stride + 1
        for side, reach in zip(padded.shape[:2], kernel.shape[:2], strict=True)
    )
    out = np.zeros((rows, columns, kernel.shape[3]), np.float32)
    for down in range(kernel.shape[0]):
        for across in range(kernel.shape[1]):
            part = padded[down * spread :: stride, across * spread :: stride]
            out += part[:rows, :columns] @ kernel[down, across]
    return out


def _sigmoid(values: F32) -> F32:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def _field(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, str):
        return {"s": _packed(value)}
    if value and isinstance(value[0], str):
        return {"list": {"s": [_packed(each) for each in value]}}
    return {"list": {"i": [str(each) for each in value]}}


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
