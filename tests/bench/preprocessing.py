"""Compares preparing the model's input outside of its graph with preparing it inside.

``python tests/bench/preprocessing.py``: the default model, one thread, in turns; milliseconds of
processor time for one frame. "outside" is what SegCam does: OpenCV resizes, converts and scales.
"colour inside": the graph gets uint8 planes of the model's size. "all inside": it gets planes of
the small picture (320x180) and resizes them, too. "own": OpenVINO's own steps (`PrePostProcessor`),
which need U and V at half the size.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import openvino
from asynchronous import frame
from onnx import TensorProto, compose, helper, numpy_helper
from openvino import preprocess

from segcam.frame import F32, U8, Frame
from segcam.model_card import ModelCard
from segcam.planes import Shrinker
from segcam.segment.backends.onnxruntime import session_options
from segcam.segment.tensor import _YUV_TO_RGB, TensorCutter
from segcam.zoo.library import DEFAULT, find, path_for

COUNT, ROUNDS = 100, 5
NAMES = ("y", "u", "v")
OPENVINO = {
    "PERFORMANCE_HINT": "LATENCY",
    "INFERENCE_PRECISION_HINT": "f32",
    "INFERENCE_NUM_THREADS": 1,
}
Step = Callable[[], F32]
GivePlanes = Callable[[], Sequence[U8]]


class Inputs:
    """The default model's inputs, made from one 1280x720 frame."""

    def __init__(self) -> None:
        self.card, original = find(DEFAULT)
        self.path = path_for(self.card, original, "onnx")
        self.cutter, self.tensor = TensorCutter(self.card), np.zeros(self.card.input.shape, "f4")
        self.picture: Frame = frame()
        self.picture.stamp(0, 0, cut=True)
        self.picture.make_small()
        size = self.card.input.size
        self._shrinkers = [Shrinker(plane.shape, size) for plane in self.small()]

    def cut(self) -> F32:
        """As SegCam does."""
        self.cutter.cut(self.picture, self.tensor)
        return self.tensor

    def small(self) -> Sequence[U8]:
        """Planes of the small picture."""
        return self.picture.box_for(self.card.input.size)

    def resized(self) -> Sequence[U8]:
        """The same at the model's size."""
        return [shrink(p) for shrink, p in zip(self._shrinkers, self.small(), strict=True)]

    def ways(self) -> Iterator[tuple[str, GivePlanes]]:
        """What goes into the graph."""
        yield "colour inside", self.resized
        yield "all inside", self.small


def with_front(card: ModelCard, path: Path, planes: Sequence[U8]) -> bytes:
    """The model behind nodes that resize, join, convert and scale three planes."""
    model = onnx.load(str(path))
    size = card.input.size
    shapes = [(1, 1, *plane.shape) for plane in planes]
    nodes, joined = [], []
    for name, plane in zip(NAMES, planes, strict=True):
        joined.append(f"{name}_float")
        nodes.append(helper.make_node("Cast", [name], joined[-1:], to=TensorProto.FLOAT))
        if plane.shape != size:
            inputs = [joined[-1], "", "", "sizes"]
            joined[-1] = f"{name}_resized"
            nodes.append(helper.make_node("Resize", inputs, joined[-1:], mode="linear"))
    nodes += [
        helper.make_node("Concat", joined, ["yuv"], axis=1),
        helper.make_node("Conv", ["yuv", "matrix", "offset"], ["rgb"]),
        helper.make_node("Clip", ["rgb", "least", "most"], ["clipped"]),
        helper.make_node("Transpose", ["clipped"], ["front"], perm=[0, 2, 3, 1]),
    ]
    matrix = (_YUV_TO_RGB * card.scale).astype(np.float32)
    constants = {
        "matrix": matrix[:, :3, None, None],
        "offset": matrix[:, 3],
        "sizes": np.array([1, 1, *size], np.int64),
        "least": np.float32(0),
        "most": np.float32(255 * card.scale),
    }
    graph = helper.make_graph(
        nodes,
        "front",
        [
            helper.make_tensor_value_info(name, TensorProto.UINT8, shape)
            for name, shape in zip(NAMES, shapes, strict=True)
        ],
        [helper.make_tensor_value_info("front", TensorProto.FLOAT, card.input.shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    front = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    joined_up = compose.merge_models(front, model, io_map=[("front", card.input.name)])
    made: bytes = joined_up.SerializeToString()
    return made


def on_onnxruntime(inputs: Inputs) -> Iterator[tuple[str, Step]]:
    """Each way on ONNX Runtime."""

    def session(model: str | bytes) -> Any:
        options = session_options(onnxruntime, 1)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    plain = session(str(inputs.path))
    yield "outside", lambda: plain.run(None, {inputs.card.input.name: inputs.cut()})[0]
    for name, give in inputs.ways():
        made = session(with_front(inputs.card, inputs.path, give()))

        def inside(made: Any = made, give: GivePlanes = give) -> F32:
            fed = {n: plane[None, None] for n, plane in zip(NAMES, give(), strict=True)}
            answer: F32 = made.run(None, fed)[0]
            return answer

        yield name, inside


def on_openvino(inputs: Inputs) -> Iterator[tuple[str, Step]]:
    """Each way on OpenVINO."""
    core = openvino.Core()

    def request(model: Any) -> Any:
        return core.compile_model(model, "CPU", OPENVINO).create_infer_request()

    plain = request(str(inputs.path))
    yield "outside", lambda: plain.infer([inputs.cut()], share_inputs=True)[0]
    for name, give in inputs.ways():
        model = core.read_model(with_front(inputs.card, inputs.path, give()), b"")
        made = request(model)

        def inside(made: Any = made, give: GivePlanes = give) -> F32:
            fed = [plane[None, None] for plane in give()]
            answer: F32 = made.infer(fed, share_inputs=True)[0]
            return answer

        yield name, inside
        own = request(with_own_steps(core, inputs, give()))

        def by_itself(own: Any = own, give: GivePlanes = give) -> F32:
            luma, *chroma = give()
            planes = (luma, *(np.ascontiguousarray(plane[::2, ::2]) for plane in chroma))
            answer: F32 = own.infer([p[None, ..., None] for p in planes], share_inputs=True)[0]
            return answer

        yield f"{name}, own", by_itself


def with_own_steps(core: Any, inputs: Inputs, planes: Sequence[U8]) -> Any:
    """The model behind OpenVINO's own steps."""
    steps = preprocess.PrePostProcessor(core.read_model(str(inputs.path)))
    source = steps.input()
    source.tensor().set_element_type(openvino.Type.u8).set_color_format(
        preprocess.ColorFormat.I420_THREE_PLANES, list(NAMES)
    ).set_spatial_static_shape(*planes[0].shape)
    source.model().set_layout(openvino.Layout("NHWC"))
    chain = source.preprocess().convert_color(preprocess.ColorFormat.RGB)
    chain = chain.convert_element_type(openvino.Type.f32)
    if planes[0].shape != inputs.card.input.size:
        chain = chain.resize(preprocess.ResizeAlgorithm.RESIZE_LINEAR)
    chain.scale(1 / inputs.card.scale)
    return steps.build()


def main() -> None:
    """Print a line for each runtime and way."""
    inputs = Inputs()
    for runtime, ways in (("ONNX Runtime", on_onnxruntime), ("OpenVINO", on_openvino)):
        steps = {"cutting alone": inputs.cut, **dict(ways(inputs))}
        expected = np.array(steps["outside"]())
        found: dict[str, list[float]] = {name: [] for name in steps}
        for name in (*steps,) * ROUNDS:
            steps[name]()
            start = time.process_time()
            for _ in range(COUNT):
                steps[name]()
            found[name].append((time.process_time() - start) / COUNT * 1e3)
        for name, times in found.items():
            error = "" if name == "cutting alone" else np.abs(steps[name]() - expected).mean()
            sys.stdout.write(f"{runtime}, {name}: {statistics.median(times):.2f} ms {error}\n")


if __name__ == "__main__":
    main()
