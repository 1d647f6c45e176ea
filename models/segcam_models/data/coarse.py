"""The small model whose mattes the edge refiner learns to sharpen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam_models.data.pictures import U8

F32 = NDArray[np.float32]


class CoarseModel:
    """A TFLite segmenter: RGB of 0..1, NHWC in; matte of 0..1, NHWC out.

    The interpreter is created on first use, so that the object can be sent to loader processes.

    Args:
        path: The model's file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._interpreter: Any = None

    def __call__(self, image: U8) -> F32:
        """Infer a picture's matte.

        Args:
            image: uint8 (H, W, 3), BGR, of any size.

        Returns:
            float32 of the model's (h, w), 0..1; a new array.
        """
        if self._interpreter is None:
            self._interpreter = _load(self._path)
        source = self._interpreter.get_input_details()[0]
        height, width = source["shape"][1:3]
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        rgb = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32) / 255
        self._interpreter.set_tensor(source["index"], rgb[None])
        self._interpreter.invoke()
        target = self._interpreter.get_output_details()[0]["index"]
        return np.asarray(self._interpreter.get_tensor(target)[0, ..., 0], np.float32).clip(0, 1)

    def __getstate__(self) -> dict[str, Any]:
        return {"_path": self._path, "_interpreter": None}


def _load(path: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter
