from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from support.tiny_tflite import TinyModel

from segcam.errors import ModelCorrupt, ModelMismatch
from segcam.zoo.convert import to_onnx

SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
RELU, RELU6 = schema.ActivationFunctionType.RELU, schema.ActivationFunctionType.RELU6
RNG = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(0, 1, shape).astype(np.float32)


def convolution(padding: int, stride: int, dilation: int, fused: int, out: tuple[int, int]):
    def build() -> TinyModel:
        model = TinyModel((1, 9, 12, 3))
        weights = [model.constant(normal(5, 3, 3, 3)), model.constant(normal(5))]
        model.add("CONV_2D", [0, *weights], (1, *out, 5), "Conv2DOptions", padding=padding,
                  strideH=stride, strideW=stride, dilationHFactor=dilation,
                  dilationWFactor=dilation, fusedActivationFunction=fused)  # fmt: skip
        return model

    return build


def depthwise(multiplier: int, stride: int, out: tuple[int, int]):
    def build() -> TinyModel:
        model = TinyModel((1, 10, 8, 4))
        channels = 4 * multiplier
        weights = [model.constant(normal(1, 5, 5, channels)), model.constant(normal(channels))]
        model.add("DEPTHWISE_CONV_2D", [0, *weights], (1, *out, channels),
                  "DepthwiseConv2DOptions", padding=SAME, strideH=stride, strideW=stride,
                  depthMultiplier=multiplier)  # fmt: skip
        return model

    return build


def transposed(kernel: int, stride: int):
    def build() -> TinyModel:
        model = TinyModel((1, 4, 5, 3))
        weights = [model.constant(normal(2, kernel, kernel, 3)), model.constant(normal(2))]
        model.add_transposed([0, *weights], (1, 4 * stride, 5 * stride, 2), stride)
        return model

    return build


def pool(padding: int, window: int, stride: int, out: tuple[int, int]):
    def build() -> TinyModel:
        model = TinyModel((1, 7, 6, 2))
        model.add("AVERAGE_POOL_2D", [0], (1, *out, 2), "Pool2DOptions", padding=padding,
                  filterHeight=window, filterWidth=window, strideH=stride,
                  strideW=stride)  # fmt: skip
        return model

    return build


def mean(axes: tuple[int, ...], out: tuple[int, ...]):
    def build() -> TinyModel:
        model = TinyModel((1, 7, 6, 2))
        indices = model.constant(np.array(axes, np.int32))
        model.add("MEAN", [0, indices], out, "ReducerOptions", keepDims=True)
        return model

    return build


def resize(half_pixels: bool, corners: bool, out: tuple[int, int]):
    def build() -> TinyModel:
        model = TinyModel((1, 5, 6, 2))
        size = model.constant(np.array(out, np.int32))
        model.add("RESIZE_BILINEAR", [0, size], (1, *out, 2), "ResizeBilinearOptions",
                  halfPixelCenters=half_pixels, alignCorners=corners)  # fmt: skip
        return model

    return build


def binary(name: str, shape: tuple[int, ...], fused: int = 0):
    def build() -> TinyModel:
        model = TinyModel((1, 5, 6, 3))
        other = model.constant(normal(*shape))
        model.add(name, [0, other], (1, 5, 6, 3), f"{name.title()}Options",
                  fusedActivationFunction=fused)  # fmt: skip
        return model

    return build


def unary(name: str):
    def build() -> TinyModel:
        model = TinyModel((1, 5, 6, 3))
        model.add(name, [0], (1, 5, 6, 3))
        return model

    return build


MODELS = {
    "conv same": convolution(SAME, 1, 1, 0, (9, 12)),
    "conv same, odd padding": convolution(SAME, 2, 1, RELU, (5, 6)),
    "conv valid": convolution(VALID, 2, 1, RELU6, (4, 5)),
    "conv dilated": convolution(SAME, 1, 2, 0, (9, 12)),
    "depthwise": depthwise(1, 2, (5, 4)),
    "depthwise, multiplied": depthwise(2, 1, (10, 8)),
    "transposed 2": transposed(2, 2),
    "transposed 3": transposed(3, 2),
    "pool same": pool(SAME, 3, 2, (4, 3)),
    "pool whole": pool(VALID, 6, 1, (2, 1)),
    "mean": mean((1, 2), (1, 1, 1, 2)),
    "resize half pixels": resize(True, False, (10, 12)),
    "resize corners": resize(False, True, (9, 11)),
    "resize plain": resize(False, False, (10, 18)),
    "add vector": binary("ADD", (3,), RELU),
    "mul channels": binary("MUL", (1, 1, 1, 3)),
    "mul picture": binary("MUL", (1, 5, 6, 3), RELU6),
    "hard swish": unary("HARD_SWISH"),
    "logistic": unary("LOGISTIC"),
    "relu": unary("RELU"),
}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_both_runtimes_answer_the_same(build: Callable[[], TinyModel], tmp_path: Path) -> None:
    import onnxruntime

    model = build()
    path = model.write(tmp_path / "tiny.tflite")
    picture = normal(*model.input_shape)
    original = Interpreter(str(path), num_threads=1)
    original.allocate_tensors()
    original.set_tensor(0, picture)
    original.invoke()
    expected = original.get_tensor(original.get_output_details()[0]["index"])

    session = onnxruntime.InferenceSession(to_onnx(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"tensor_0": picture})

    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5
    assert np.abs(expected).max() > 0.01


def test_an_unknown_operator_is_named(tmp_path: Path) -> None:
    path = unary("TANH")().write(tmp_path / "tiny.tflite")
    with pytest.raises(ModelMismatch, match="TANH") as caught:
        to_onnx(path)
    assert "litert-cpu" in caught.value.hint


def test_an_unknown_use_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatch, match=r"MEAN over the axes \[3\]"):
        to_onnx(mean((3,), (1, 7, 6, 1))().write(tmp_path / "tiny.tflite"))
    tanh = schema.ActivationFunctionType.TANH
    with pytest.raises(ModelMismatch, match="fused activation"):
        to_onnx(binary("ADD", (3,), tanh)().write(tmp_path / "tiny.tflite"))


@pytest.mark.parametrize("content", [b"", b"hello, I am a text file", b"\0\0\0\0TFL3" * 9])
def test_a_file_that_is_no_model(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tiny.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="not a TFLite model"):
        to_onnx(path)
