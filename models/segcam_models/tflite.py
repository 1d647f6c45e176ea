"""Writes a trained landscape network as its original TFLite file with new weights.

``python -m segcam_models.tflite RUN/best.pt --like LANDSCAPE.tflite --out FILE``
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from torch import nn

from segcam_models.checkpoint import load_trained
from segcam_models.landscape import Landscape

_ORDERS = {
    schema.BuiltinOperator.CONV_2D: (0, 2, 3, 1),
    schema.BuiltinOperator.DEPTHWISE_CONV_2D: (1, 2, 3, 0),
    schema.BuiltinOperator.CUSTOM: (1, 2, 3, 0),  # MediaPipe's transposed convolution
}
"""For each kind of convolution: PyTorch's axes in TFLite's order."""


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(prog="segcam_models.tflite", description="Write TFLite.")
    parser.add_argument("best", type=Path, help="best.pt of a run")
    parser.add_argument("--like", type=Path, required=True, help="MediaPipe's landscape model")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of training's changes to apply (1)"
    )
    options = parser.parse_args()
    network = load_trained(options.best).network
    assert isinstance(network, Landscape), "no other network has a TFLite file to begin with"
    write_like(options.like, network, options.out, options.share)


def write_like(like: Path, network: Landscape, path: Path, share: float = 1.0) -> None:
    """Write a copy of a TFLite file with a network's weights, as fp16.

    Weights between the original and the trained ones keep more of the original abilities, and may
    even be better at the trained task.

    Source: Wortsman et al., "Robust Fine-Tuning of Zero-Shot Models", CVPR 2022.

    Args:
        like: MediaPipe's landscape model.
        network: Its convolutions have the file's order.
        path: The file to write.
        share: From 0, the weights of ``like``, to 1, those of the network.

    Raises:
        ValueError: ``like`` is another model.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(like.read_bytes(), 0))
    convolutions = [
        module for module in network.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)
    ]
    places = list(_places(model))
    if len(places) != len(convolutions):
        raise ValueError(f"{like} is of another model: {len(places)} convolutions")
    for conv, (order, kernel, bias) in zip(convolutions, places, strict=True):
        _put(model, kernel, conv.weight.detach().numpy().transpose(order), share)
        assert conv.bias is not None
        _put(model, bias, conv.bias.detach().numpy(), share)
    builder = flatbuffers.Builder(len(like.read_bytes()))
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())


def _places(model: Any) -> Iterator[tuple[tuple[int, ...], Any, Any]]:
    """For each convolution: the order of its axes, and the fp16 tensors of kernel and bias."""
    graph = model.subgraphs[0]
    halves: dict[int, int] = {}
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind == schema.BuiltinOperator.DEQUANTIZE:
            halves[operator.outputs[0]] = operator.inputs[0]
        elif kind in _ORDERS:
            kernel, bias = (graph.tensors[halves.get(i, i)] for i in operator.inputs[1:3])
            yield _ORDERS[kind], kernel, bias


def _put(model: Any, tensor: Any, values: np.ndarray, share: float) -> None:
    if tuple(tensor.shape) != values.shape or tensor.type != schema.TensorType.FLOAT16:
        raise ValueError(f"The file is of another model: {tuple(tensor.shape)} for {values.shape}")
    buffer = model.buffers[tensor.buffer]
    before = np.frombuffer(bytes(buffer.data), np.float16).reshape(values.shape)
    mixed = (1 - share) * before.astype(np.float32) + share * values
    buffer.data = np.ascontiguousarray(mixed, np.float16).view(np.uint8).ravel()


if __name__ == "__main__":
    main()
