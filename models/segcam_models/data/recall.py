"""Pictures whose target is another model's own answer, so that its abilities are not forgotten.

Source: Li and Hoiem, "Learning without Forgetting", ECCV 2016.
"""

from __future__ import annotations

import cv2
import numpy as np

from segcam_models.data.camera import spoil, streak
from segcam_models.data.coarse import F32, CoarseModel
from segcam_models.data.crop import Rng, Scene, part_of, pick
from segcam_models.data.follow import follow_truth, stretch
from segcam_models.data.framing import Size
from segcam_models.data.pictures import U8

TURNED_SHARE = 0.5
"""Share of pictures that are rotated by any angle."""
BLURRED_SHARE = 0.3
"""Share of pictures with strong motion blur."""
TRIES = 3
"""Pictures until the model is certain; the last one is taken as it is."""
WHOLE_SHARE = 0.4
"""Share of pictures that the model sees completely, instead of the part around its answer."""


class Recall:
    """Makes scenes from pictures without masks.

    Args:
        pictures: uint8 (H, W, 3), BGR.
        model: Its answers are the targets.
        size: (h, w) of the network's input.
    """

    def __init__(self, pictures: tuple[U8, ...], model: CoarseModel, size: Size) -> None:
        self._pictures, self._model, self._size = pictures, model, size

    def __call__(self, size: Size, rng: Rng) -> tuple[F32, F32]:
        """RGB of 0..1, (3, h, w), and the model's answer (1, h, w), from a scene of (H, W)."""
        for _ in range(TRIES):
            image = _view(pick(self._pictures, rng), size, rng)
            answer = self._model(image)
            if rng.random() < WHOLE_SHARE:
                seen = stretch(Scene(image, np.zeros(size, np.uint8)), self._size).image
            else:
                matte = (cv2.resize(answer, size[::-1]) * 255).astype(np.uint8)
                seen = follow_truth(Scene(image, matte), self._size, rng).image
                answer = self._model(seen)
            if _is_certain(answer):
                break
        rgb = cv2.cvtColor(seen, cv2.COLOR_BGR2RGB).transpose(2, 0, 1)
        return np.ascontiguousarray(rgb / np.float32(255)), answer[None]


def _is_certain(answer: F32) -> bool:
    """Whether it shows somebody, and few pixels in between."""
    person, between = (answer > 0.9).mean(), ((answer > 0.1) & (answer < 0.9)).mean()
    return bool(person > 0.01 and between < 0.25 * person)


def _view(picture: U8, size: Size, rng: Rng) -> U8:
    """A random part, in any direction, as (H, W), blurred and disturbed."""
    box = part_of(picture.shape[:2], size, rng.uniform(0.5, 1.0), rng)
    degrees = rng.uniform(-180, 180) if rng.random() < TURNED_SHARE else rng.normal(0, 8)
    onto = box.onto(size, bool(rng.random() < 0.5), float(degrees))
    view = cv2.warpAffine(picture, onto, size[::-1], borderMode=cv2.BORDER_REFLECT)
    if rng.random() < BLURRED_SHARE:
        line = streak(int(rng.integers(5, 25)), float(rng.uniform(0, 180)))
        view = cv2.filter2D(view, -1, line)
    return spoil(np.asarray(view, np.uint8), rng)
