"""Simulates a webcam: light, blur, noise, compression. BGR uint8 in and out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam_models.data.pictures import U8

Rng = np.random.Generator


def spoil(image: U8, rng: Rng) -> U8:
    """Make the picture look as from a random webcam in random light.

    Args:
        image: uint8 (H, W, 3), BGR. Unchanged.
        rng: Determines everything: the same state gives the same picture.
    """
    if rng.random() < 0.8:
        image = _tone(image, rng)
    if rng.random() < 0.4:
        image = _defocus(image, rng)
    if rng.random() < 0.12:
        image = _shake(image, rng)
    if rng.random() < 0.15:
        image = _enlarge(image, rng)
    dark = rng.random() < 0.18
    if dark or rng.random() < 0.35:
        image = _noise(image, rng, dark)
    if rng.random() < 0.5:
        image = _compress(image, rng)
    return image


def _tone(image: U8, rng: Rng) -> U8:
    """Exposure, contrast, gamma and white balance as one table per channel."""
    levels = np.linspace(0, 1, 256)
    curve = levels ** np.exp(rng.normal(0, 0.25))
    curve = (curve - 0.5) * rng.uniform(0.75, 1.25) + 0.5 + rng.normal(0, 0.07)
    gains = 1 + rng.normal(0, 0.07, 3)
    table = (curve[:, None] * gains * 255).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def _defocus(image: U8, rng: Rng) -> U8:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4)), np.uint8)


def _shake(image: U8, rng: Rng) -> U8:
    kernel = streak(int(rng.integers(3, 10)), float(rng.uniform(0, 180)))
    return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)


def streak(length: int, degrees: float) -> NDArray[np.float32]:
    """The kernel (length, length) of movement along a line; its sum is 1."""
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5,) * 2, degrees, 1)
    kernel = np.asarray(cv2.warpAffine(line, turn, (length, length)), np.float32)
    return kernel / np.float32(max(float(kernel.sum()), 1e-3))


def _enlarge(image: U8, rng: Rng) -> U8:
    """Simulate a camera with fewer pixels than it claims."""
    height, width = image.shape[:2]
    share = rng.uniform(0.4, 0.8)
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height)), np.uint8)


def _noise(image: U8, rng: Rng, dark: bool) -> U8:
    """Add sensor noise; in the dark, less light is amplified together with the noise."""
    light = rng.uniform(0.15, 0.5) if dark else 1.0
    height, width = image.shape[:2]
    coarse = rng.standard_normal((height, width, 1), np.float32) * rng.uniform(1, 6)
    chroma = rng.standard_normal((height // 2, width // 2, 3), np.float32) * rng.uniform(1, 6)
    noise = coarse + cv2.resize(chroma, (width, height))
    noisy = image.astype(np.float32) * light + noise
    return noisy.clip(0, 255).astype(np.uint8)


def darken(image: U8, rng: Rng) -> U8:
    """The picture in the dark: little light, with amplified noise."""
    return _noise(image, rng, dark=True)


def _compress(image: U8, rng: Rng) -> U8:
    quality = int(rng.integers(35, 95))
    _, stream = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(stream, cv2.IMREAD_COLOR), np.uint8)
