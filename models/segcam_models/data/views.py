"""Makes each kind of network's input from a scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from segcam_models.config import LandscapeConfig, ModelConfig, RefinerConfig
from segcam_models.data.coarse import F32, CoarseModel
from segcam_models.data.crop import Rng, Scene
from segcam_models.data.follow import follow, follow_truth, stretch
from segcam_models.data.framing import Size
from segcam_models.data.pictures import U8

CAMERA: Size = (360, 640)
"""Size of a refiner's scenes, of which it sees a part."""
WHOLE_SHARE = 0.3
"""Share of scenes that a followed segmenter sees completely."""

View = Callable[[Scene, Rng], tuple[F32, F32]]
"""Makes the network's input (C, h, w) and the target matte (1, H, W), 0..1, from a scene."""


def segmenter_view(scene: Scene, rng: Rng) -> tuple[F32, F32]:  # noqa: ARG001
    """RGB of 0..1 and the matte, both of the scene's size."""
    rgb = cv2.cvtColor(scene.image, cv2.COLOR_BGR2RGB).transpose(2, 0, 1)
    return np.ascontiguousarray(rgb / np.float32(255)), _target(scene)


class FollowedView:
    """The input of a segmenter in the daemon: the part around the person, or the whole picture.

    Args:
        size: (H, W) of picture and matte.
    """

    def __init__(self, size: Size) -> None:
        self._size = size

    def __call__(self, scene: Scene, rng: Rng) -> tuple[F32, F32]:
        """RGB of 0..1, (3, H, W), and the target (1, H, W)."""
        is_whole = rng.random() < WHOLE_SHARE
        seen = stretch(scene, self._size) if is_whole else follow_truth(scene, self._size, rng)
        return segmenter_view(seen, rng)


class RefinerView:
    """Half-size planes of the picture with the coarse matte, in ``refiner_input``'s layout.

    As in the daemon, picture and coarse matte show the part around the person.

    Args:
        coarse: Runs twice on each scene: on the whole, and on the part.
        size: (H, W) of the matte.
    """

    def __init__(self, coarse: CoarseModel, size: Size) -> None:
        self._coarse, self._size = coarse, size

    def __call__(self, scene: Scene, rng: Rng) -> tuple[F32, F32]:  # noqa: ARG002
        """The refiner's input (7, H/2, W/2) and the target (1, H, W)."""
        seen = follow(scene, self._coarse, self._size)
        return refiner_input(seen.image, self._coarse(seen.image)), _target(seen)


def view_of(model: ModelConfig, coarse: Path | None) -> View:
    """The view for a kind of model.

    Args:
        model: The model's config.
        coarse: The TFLite model that a refiner sharpens.

    Raises:
        ValueError: A refiner without the model that it refines.
    """
    if isinstance(model, LandscapeConfig):
        return FollowedView(model.size)
    if not isinstance(model, RefinerConfig):
        return segmenter_view
    if coarse is None:
        raise ValueError("A refiner needs --coarse, the TFLite model it is to sharpen.")
    return RefinerView(CoarseModel(coarse), model.size)


def scene_size(model: ModelConfig) -> Size:
    """(H, W) of the scenes for a kind of model."""
    if isinstance(model, LandscapeConfig):
        height, width = model.size
        return 3 * height // 2, 3 * width // 2  # larger ones take longer to make than to learn
    return CAMERA if isinstance(model, RefinerConfig) else model.size


def refiner_input(image: U8, coarse: F32) -> F32:
    """The edge refiner's input for a picture.

    A 4:2:0 picture has colour at half its size. Its luma is split into four planes of that size, so
    that nothing is enlarged or lost: even rows and even columns, even and odd, odd and even, odd
    and odd.

    Args:
        image: uint8 (H, W, 3), BGR, even sides.
        coarse: float32 (h, w), 0..1.

    Returns:
        float32 (7, H/2, W/2): four planes of Y, then U, V (BT.601 limited range, over 255), then
        the coarse matte.
    """
    height, width = image.shape[:2]
    planes = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma = planes[: height * width].reshape(height, width)
    chroma = planes[height * width :].reshape(2, height // 2, width // 2)
    out = np.empty((7, height // 2, width // 2), np.float32)
    for index in range(4):
        out[index] = luma[index // 2 :: 2, index % 2 :: 2]
    out[4:6] = chroma
    out[:6] /= 255
    out[6] = cv2.resize(coarse, (width // 2, height // 2))
    return out


def join_planes(planes: F32) -> F32:
    """The picture (2h, 2w) from four planes (4, h, w) in ``refiner_input``'s order."""
    _, height, width = planes.shape
    out = np.empty((2 * height, 2 * width), np.float32)
    for index, plane in enumerate(planes):
        out[index // 2 :: 2, index % 2 :: 2] = plane
    return out


def _target(scene: Scene) -> F32:
    return np.asarray(scene.matte[None] / np.float32(255), np.float32)
