"""Deployed models, each as a function from a picture to its matte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from segcam.model_card import ModelCard, load_card
from segcam_models.data.coarse import F32, CoarseModel
from segcam_models.data.pictures import U8
from segcam_models.data.views import join_planes, refiner_input
from segcam_models.export import open_onnx, open_session

Matting = Callable[[U8], U8]
"""From a picture, uint8 (H, W, 3), BGR, to its matte, uint8 (H, W), 0..255."""
LOOKS = 3
"""Times that a recurrent model sees a single picture: its first matte is softer."""


def coarse_matting(model: CoarseModel) -> Matting:
    """The coarse model alone, its matte enlarged bilinearly."""
    return lambda image: _fit(model(image), image)


def recurrent_matting(contract: ModelCard, path: Path, looks: int = LOOKS) -> Matting:
    """A recurrent segmenter on single pictures: each begins with an empty state.

    Args:
        contract: The model's card.
        path: Its ONNX file.
        looks: Times that it sees each picture.
    """
    session = open_session(path)
    names = [contract.output.name, *(state.output for state in contract.state)]

    def matte(image: U8) -> U8:
        picture = _picture(image, contract)
        kept = [np.zeros(state.shape, np.float32) for state in contract.state]
        answer = np.zeros(contract.output.shape, np.float32)
        for _ in range(looks):
            states = {s.input: each for s, each in zip(contract.state, kept, strict=True)}
            answer, *kept = session.run(names, {contract.input.name: picture, **states})
        return _fit(answer[0, 0], image)

    return matte


def published_matting(card: Path, coarse: CoarseModel | None) -> Matting:
    """A published ONNX model, by its card.

    Args:
        card: Next to the model's file.
        coarse: The model that a refiner sharpens.

    Raises:
        SegCamError: The card is missing or invalid.
        ValueError: A refiner without the model that it refines.
    """
    contract = load_card(card)
    infer = open_onnx(card.parent / contract.file)
    if contract.role == "segmenter":
        return lambda image: _fit(infer(_picture(image, contract))[0, 0], image)
    if coarse is None:
        raise ValueError("A refiner needs --coarse, the TFLite model it is to sharpen.")
    height, width = contract.input.size

    def refine(image: U8) -> U8:
        small = _resize(image, (2 * height, 2 * width))
        planes = refiner_input(small, coarse(image))
        return _fit(join_planes(infer(planes[None])[0]), image)

    return refine


def _picture(image: U8, contract: ModelCard) -> F32:
    small = _resize(image, contract.input.size)
    if contract.color == "rgb":
        small = np.ascontiguousarray(small[..., ::-1])
    scaled = small.transpose(2, 0, 1).astype(np.float32) * contract.scale + contract.offset
    return np.ascontiguousarray(scaled[None], np.float32)


def _resize(image: U8, size: tuple[int, int]) -> U8:
    if image.shape[:2] == size:
        return image
    smaller = size[0] < image.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size[::-1], interpolation=how), np.uint8)


def _fit(matte: F32, image: U8) -> U8:
    height, width = image.shape[:2]
    return (cv2.resize(matte, (width, height)) * 255).round().clip(0, 255).astype(np.uint8)
