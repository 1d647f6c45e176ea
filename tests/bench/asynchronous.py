"""Measures the gain of preparing the next input while a backend works: inferences per second.

``python tests/bench/asynchronous.py [BACKEND ...]``: the default model in its own process; each
input is cut from a 1280x720 frame. Synchronous: cut, run. Asynchronous: submit, cut the next one,
wait.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from segcam.frame import Frame
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.probe import sample_picture
from segcam.segment.registry import SPECS
from segcam.segment.tensor import TensorCutter
from segcam.zoo.library import DEFAULT, find, path_for

COUNT, ROUNDS = 150, 5


def frame() -> Frame:
    """The sample picture, doubled to 1280x720."""
    small = sample_picture()
    large = Frame.empty((720, 1280))
    for wide, plane in zip(large.planes, small.planes, strict=True):
        wide[:] = np.repeat(np.repeat(plane, 2, 0), 2, 1)
    return large


def rates(name: str) -> tuple[float, float]:
    """Inferences per second, synchronous and asynchronous."""
    card, path = find(DEFAULT)
    backend, tensors, cutter = IsolatedBackend(name), Tensors(card), TensorCutter(card)
    picture, following = frame(), np.empty_like(tensors.input)
    backend.load(card, path_for(card, path, SPECS[name].format), tensors)

    def synchronous() -> None:
        picture.stamp(0, 0, cut=True)
        cutter.cut(picture, tensors.input)
        backend.run()

    def asynchronous() -> None:
        np.copyto(tensors.input, following)
        backend.submit()
        picture.stamp(0, 0, cut=True)
        cutter.cut(picture, following)
        backend.wait()

    measured = []
    for step in (synchronous, asynchronous) * ROUNDS:
        start = time.perf_counter()
        for _ in range(COUNT):
            step()
        measured.append(COUNT / (time.perf_counter() - start))
    backend.close()
    return float(np.median(measured[::2])), float(np.median(measured[1::2]))


if __name__ == "__main__":
    for each in sys.argv[1:] or ("litert-cpu", "onnxruntime-cpu", "openvino-cpu"):
        before, after = rates(each)
        print(f"{each}: {before:.0f} and {after:.0f} a second, {after / before:.2f} times")
