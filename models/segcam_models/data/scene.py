"""Makes a training picture with its mask: a real one, or people in another room."""

from __future__ import annotations

from segcam_models.data.camera import spoil
from segcam_models.data.composite import composite, occlude
from segcam_models.data.crop import (
    Rng,
    Scene,
    cut,
    pick,
    pick_aspect,
    pick_pose,
    pick_shot,
    taught_part,
)
from segcam_models.data.framing import Shot, Size, frame_person
from segcam_models.data.pictures import Person, Pictures
from segcam_models.data.props import HOLD_SHARE, hold

REAL_SHARE = 0.55
"""From composites alone, a model would learn to see their seams."""
TAUGHT_SHARE = 0.45
"""Share of real pictures with other models' mattes, if there are any."""


def random_scene(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A disturbed picture of (H, W); the same generator state gives the same scene."""
    if rng.random() < REAL_SHARE:
        scene = _real(pictures, size, rng)
    else:
        scene = composite(pictures, size, rng)
    if rng.random() < HOLD_SHARE:
        scene = hold(scene, pick(pictures.rooms, rng), rng)
    if rng.random() < 0.12:
        scene = occlude(scene, pick(pictures.rooms, rng), rng)
    return Scene(spoil(scene.image, rng), scene.matte)


def plain_scene(person: Person, shot: Shot, size: Size, rng: Rng) -> Scene:
    """An undisturbed crop of a real picture, for measurements."""
    box = frame_person(person.matte, shot, size[1] / size[0], rng)
    return cut(person, box.inside(person.matte.shape), size)


def _real(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    if pictures.taught and rng.random() < TAUGHT_SHARE:
        person = pick(pictures.taught, rng)
        box = taught_part(person, size, rng)
    else:
        person = pick(pictures.people, rng)
        box = frame_person(person.matte, pick_shot(rng), pick_aspect(size, rng), rng)
    return cut(person, box.inside(person.matte.shape), size, *pick_pose(rng, turn=4))
