"""Exports networks to files for the daemon's runtimes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from segcam_models.config import ModelConfig, RefinerConfig
from segcam_models.network import Network
from segcam_models.refiner import PLANES

F32 = NDArray[np.float32]
OPSET = 17
"""An opset that all of the daemon's runtimes support; nothing newer is needed."""
OUTPUT = "matte"
"""Name of the output in the file."""


class Deployed(nn.Module):
    """A network whose ``forward`` gives the matte, for the exporter."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """The matte, 0..1."""
        return self.network.matte(x)


def input_shape(config: ModelConfig) -> tuple[int, int, int, int]:
    """(1, C, H, W) of a network's input."""
    height, width = config.size
    if isinstance(config, RefinerConfig):
        return 1, PLANES, height // 2, width // 2
    return 1, 3, height, width


def output_shape(config: ModelConfig) -> tuple[int, int, int, int]:
    """(1, C, H, W) of a network's matte."""
    height, width = config.size
    if isinstance(config, RefinerConfig):
        return 1, 4, height // 2, width // 2
    return 1, 1, height, width


def input_name(config: ModelConfig) -> str:
    """Name of the input in the file."""
    return "planes" if isinstance(config, RefinerConfig) else "picture"


def write_onnx(network: Network, config: ModelConfig, path: Path, half: bool = False) -> None:
    """Write a network as ONNX with static shapes and batch normalization folded.

    Args:
        network: In evaluation mode.
        config: The network's config.
        path: The file.
        half: Store the weights as fp16, half the size. Input, output and arithmetic stay fp32, if
            the runtime computes in fp32: it converts the weights once, when it loads them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the traced exporter is deprecated, but writes the
        torch.onnx.export(  # simplest graph: no functions, no dynamic shapes
            Deployed(network).eval(),
            (torch.zeros(input_shape(config)),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[input_name(config)],
            output_names=[OUTPUT],
        )
    if half:
        model = onnx.load(path)
        _halve_weights(model.graph)
        onnx.save(model, path)


def _halve_weights(graph: onnx.GraphProto) -> None:
    """Store every fp32 weight as fp16 and cast it back in the graph."""
    kept, casts = [], []
    for weight in graph.initializer:
        if weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) > 1:
            values = numpy_helper.to_array(weight).astype(np.float16)
            name = f"{weight.name}.fp16"
            casts.append(helper.make_node("Cast", [name], [weight.name], to=TensorProto.FLOAT))
            weight = numpy_helper.from_array(values, name)  # noqa: PLW2901
        kept.append(weight)
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def open_session(path: Path) -> Any:
    """ONNX Runtime's session for a file, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def open_onnx(path: Path) -> Callable[[F32], F32]:
    """An ONNX file with one input and one output as a function, see `open_session`."""
    session = open_session(path)
    name = session.get_inputs()[0].name
    return lambda value: np.asarray(session.run(None, {name: value})[0])
