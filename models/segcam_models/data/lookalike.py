"""Rooms that a model takes for somebody, as negative examples."""

from __future__ import annotations

import numpy as np

from segcam_models.data.coarse import F32, CoarseModel
from segcam_models.data.crop import Rng, Scene, pick, view_room
from segcam_models.data.follow import part_around, stretch
from segcam_models.data.framing import Size
from segcam_models.data.pictures import Pictures
from segcam_models.data.props import litter
from segcam_models.data.scene import LITTER_SHARE, spoiled

TRIES = 6
"""Views of rooms, of which the one that is most like a person is taken."""
CLOSE_SHARE = 0.65
"""Share of these that are seen as closely as a person who is followed."""


class Lookalikes:
    """Makes scenes without people that look like some.

    Args:
        model: Says what looks like a person.
    """

    def __init__(self, model: CoarseModel) -> None:
        self._model = model

    def __call__(self, pictures: Pictures, size: Size, rng: Rng) -> Scene:
        """A disturbed view of a room, or of the part that the model takes for a person, (H, W)."""
        room, answer = max(
            (self._view(pictures, size, rng) for _ in range(TRIES)),
            key=lambda seen: _likeness(seen[1]),
        )
        if rng.random() < CLOSE_SHARE:
            room = np.ascontiguousarray(room[part_around(answer, size)])
        seen = stretch(Scene(room, np.zeros(room.shape[:2], np.uint8)), size)
        return spoiled(seen, rng)

    def _view(self, pictures: Pictures, size: Size, rng: Rng) -> tuple[np.ndarray, F32]:
        room = view_room(pick(pictures.rooms, rng), size, rng, least=0.4)
        if rng.random() < LITTER_SHARE:
            room = litter(room, pick(pictures.people, rng), rng)
        return room, self._model(room).copy()


def _likeness(answer: F32) -> float:
    """Large for many opaque pixels; one that is certain counts for some."""
    return float(np.square(np.minimum(answer, 0.8)).mean() + 0.02 * answer.max())
