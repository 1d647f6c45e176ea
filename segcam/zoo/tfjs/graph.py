"""Reads a TensorFlow.js graph model: operators, and weights in 8 bits or more."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DTYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}
_PACKED = {"uint8": np.uint8, "uint16": np.uint16}


@dataclass(frozen=True, slots=True)
class Node:
    """One operator.

    Attributes:
        name: Its name; its second result is called ``name:1``.
        kind: ``Conv2D`` and the like.
        inputs: Names of results, without those that only order the execution.
        fields: The attributes, see `integers`, `integer`, `word` and `words`.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    fields: Mapping[str, Any]

    def integers(self, field: str) -> tuple[int, ...]:
        """A list of integers."""
        return tuple(int(each) for each in self.fields[field]["list"]["i"])

    def integer(self, field: str) -> int:
        """An integer; 0 if it is missing, as in TensorFlow."""
        return int(self.fields.get(field, {}).get("i", 0))

    def yes(self, field: str) -> bool:
        """A truth value; False if it is missing."""
        return bool(self.fields.get(field, {}).get("b", False))

    def word(self, field: str) -> str:
        """A text, "" if it is missing."""
        return _decoded(self.fields.get(field, {}).get("s", ""))

    def words(self, field: str) -> tuple[str, ...]:
        """A list of texts, empty if it is missing."""
        listed = self.fields.get(field, {}).get("list", {}).get("s", ())
        return tuple(_decoded(each) for each in listed)


class Graph:
    """A graph model.

    Args:
        model: The content of its .json file.
        weights: The content of its only .bin file.

    Attributes:
        nodes: By name.
        constants: Arrays by the name of their node.
        results: Names of the model's results by those of its signature.

    Raises:
        KeyError, ValueError, TypeError: It is none.
    """

    def __init__(self, model: bytes, weights: bytes) -> None:
        fields = json.loads(model)
        self.nodes = {each["name"]: _node(each) for each in fields["modelTopology"]["node"]}
        self.constants: dict[str, NDArray[Any]] = {}
        signed = fields.get("signature", {}).get("outputs", {})
        self.results = {label: each["name"] for label, each in signed.items()}
        start = 0
        (group,) = fields["weightsManifest"]
        for entry in group["weights"]:
            array, length = _constant(entry, weights, start)
            self.constants[entry["name"]] = array
            start += length
        if start != len(weights):
            raise ValueError(f"its weights have {len(weights)} bytes, not {start}")


def _node(fields: Mapping[str, Any]) -> Node:
    inputs = tuple(name for name in fields.get("input", ()) if not name.startswith("^"))
    return Node(fields["name"], fields["op"], inputs, fields.get("attr", {}))


def _constant(entry: Mapping[str, Any], data: bytes, start: int) -> tuple[NDArray[Any], int]:
    """An array and its length in bytes."""
    packed = entry.get("quantization")
    dtype = np.dtype(_PACKED[packed["dtype"]] if packed else _DTYPES[entry["dtype"]])
    count = int(np.prod(entry["shape"], dtype=np.int64))
    array = np.frombuffer(data, dtype.newbyteorder("<"), count, start).reshape(entry["shape"])
    length = count * dtype.itemsize
    if packed:
        array = array.astype(np.float32) * np.float32(packed["scale"]) + np.float32(packed["min"])
    return np.asarray(array, _DTYPES[entry["dtype"]]), length


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
