"""Measures the time of an untrained network on one thread of this processor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from segcam_models.config import ModelConfig
from segcam_models.export import F32, input_shape, open_onnx, write_onnx
from segcam_models.network import build

Load = Callable[[Path, F32], Callable[[], object]]


def time_ms(config: ModelConfig, backend: str, seconds: float = 1.5) -> float:
    """Median time of one inference.

    Args:
        config: What to build.
        backend: A key of ``BACKENDS``.
        seconds: Time to measure; at least 5 inferences.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(build(config).eval(), config, path)
        infer = BACKENDS[backend](path, np.zeros(input_shape(config), np.float32))
        return median_ms(infer, seconds)


def median_ms(infer: Callable[[], object], seconds: float) -> float:
    """Median time of a call, over at least 5 calls after 2 warm-up calls."""
    for _ in range(2):
        infer()
    times: list[float] = []
    while len(times) < 5 or sum(times) < seconds:
        start = time.perf_counter()
        infer()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def _onnxruntime(path: Path, value: F32) -> Callable[[], object]:
    infer = open_onnx(path)
    return lambda: infer(value)


OPENVINO_OPTIONS = {
    "INFERENCE_NUM_THREADS": 1,
    "PERFORMANCE_HINT": "LATENCY",
    "INFERENCE_PRECISION_HINT": "f32",
}
"""The daemon's options. By default a processor with bfloat16 uses it, in half the time, with a
matte that is off by up to 0.3."""


def _openvino(path: Path, value: F32) -> Callable[[], object]:
    import openvino

    request = openvino.compile_model(path, "CPU", OPENVINO_OPTIONS).create_infer_request()
    request.set_input_tensor(openvino.Tensor(value))
    infer: Callable[[], object] = request.infer
    return infer


BACKENDS: dict[str, Load] = {"onnxruntime": _onnxruntime, "openvino": _openvino}
"""Runtimes for ONNX, by name."""
