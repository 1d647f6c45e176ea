"""Measures the difference between an exported file and its network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from segcam_models.export import F32, open_onnx
from segcam_models.network import Network

Infer = Callable[[F32], F32]


@dataclass(frozen=True, slots=True)
class Parity:
    """The difference between an exported model and its network.

    Attributes:
        largest, mean: Absolute difference of opacity, 0..1, over all pixels of all pictures.
        pictures: Their number.
    """

    largest: float
    mean: float
    pictures: int

    def as_metrics(self, prefix: str = "") -> dict[str, int | float]:
        """The values for a model card."""
        return {
            f"{prefix}parity_pictures": self.pictures,
            f"{prefix}parity_largest_difference": round(self.largest, 6),
            f"{prefix}parity_mean_difference": round(self.mean, 7),
        }


@torch.no_grad()
def parity_of(path: Path, network: Network, inputs: Sequence[F32]) -> Parity:
    """Compare a file with its network.

    Args:
        path: ``.onnx``, ``.xml`` or ``.tflite``; each runs on one thread of the processor.
        network: In evaluation mode.
        inputs: (1, C, H, W) each, at least one.
    """
    infer = _OPENERS[path.suffix](path)
    gaps = [
        np.abs(infer(value) - network.matte(torch.from_numpy(value)).numpy()) for value in inputs
    ]
    return Parity(float(np.max(gaps)), float(np.mean(gaps)), len(inputs))


def _open_openvino(path: Path) -> Infer:
    import openvino

    model = openvino.compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1})
    return lambda value: np.asarray(model(value)[0])


def _open_tflite(path: Path) -> Infer:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    source, target = (
        details[0]["index"]
        for details in (interpreter.get_input_details(), interpreter.get_output_details())
    )

    channels_last = interpreter.get_input_details()[0]["shape"][3] < 8  # MediaPipe's files

    def infer(value: F32) -> F32:
        interpreter.set_tensor(source, np.moveaxis(value, 1, 3) if channels_last else value)
        interpreter.invoke()
        answer = np.asarray(interpreter.get_tensor(target))
        return np.moveaxis(answer, 3, 1) if channels_last else answer

    return infer


_OPENERS = {".onnx": open_onnx, ".xml": _open_openvino, ".tflite": _open_tflite}
