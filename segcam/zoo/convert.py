"""Converts TFLite to ONNX, for the operators of matting networks.

One ONNX file serves ONNX Runtime and OpenVINO. It is NCHW inside; input and output keep the
original's name, shape and layout, so that one card describes both files.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from segcam.errors import ModelCorrupt, SegCamError
from segcam.model_card import sha256_of
from segcam.zoo.exporter import Exporter, inner, unsupported
from segcam.zoo.operators import TABLE
from segcam.zoo.storage import working
from segcam.zoo.tflite import Graph

_OPSET, _IR_VERSION = 17, 8
"""Opset of 2022: old enough for all runtimes in use, new enough for HardSwish."""


def to_onnx(path: Path) -> bytes:
    """Convert a TFLite file.

    Args:
        path: One subgraph, static 4-D shapes, float32 or float16 weights.

    Returns:
        A serialised ONNX model.

    Raises:
        ModelCorrupt: It is not a TFLite file.
        ModelMismatch: It has an operator, or a use of one, that is not in the table of
            ``segcam.zoo.operators``.
    """
    try:
        model = _translate(Graph(path))
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())
    except SegCamError:
        raise
    except Exception as error:  # a stranger's file can be wrong in any way
        raise ModelCorrupt(
            f"{path} cannot be converted",
            f"it is inconsistent: {error!r}",
            "Get the file again from its source, or use --backend litert-cpu",
        ) from error


def converted(path: Path, target: Path) -> Path:
    """The ONNX file for a TFLite file; written if it is missing or different.

    Args:
        path: The TFLite file, verified.
        target: The ONNX file.

    Raises:
        ModelCorrupt, ModelMismatch: As ``to_onnx``.
        ModelMissing: The directory cannot be written.
    """
    model = to_onnx(path)
    if _hash_of(target) == hashlib.sha256(model).hexdigest():
        return target
    with working(target.parent) as folder:
        whole = folder / target.name
        whole.write_bytes(model)
        whole.replace(target)
    return target


def _hash_of(path: Path) -> str | None:
    """Hash of a file; None if it cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return None


def _translate(graph: Graph) -> Any:
    exporter = Exporter(graph)
    (source,), (result,) = graph.inputs, graph.outputs
    exporter.emit("Transpose", [graph.names[source]], inner(source), perm=[0, 3, 1, 2])
    for operator in graph.operators:
        if operator.name not in TABLE:
            raise unsupported(operator.name)
        TABLE[operator.name](exporter, operator)
    exporter.emit("Transpose", [inner(result)], graph.names[result], perm=[0, 2, 3, 1])
    ends = [
        [helper.make_tensor_value_info(graph.names[index], TensorProto.FLOAT, graph.shapes[index])]
        for index in (source, result)
    ]
    whole = helper.make_graph(exporter.nodes, "segcam", *ends, initializer=exporter.initializers)
    return helper.make_model(
        whole,
        producer_name="segcam",
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )
