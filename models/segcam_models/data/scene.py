"""Makes a training picture with its mask: a real one, or people in another room."""

from __future__ import annotations

import numpy as np

from segcam_models.data.camera import spoil
from segcam_models.data.composite import composite, move, occlude, stand_far
from segcam_models.data.crop import (
    Rng,
    Scene,
    cut,
    pick,
    pick_aspect,
    pick_pose,
    pick_shot,
    taught_part,
    view_room,
)
from segcam_models.data.framing import Shot, Size, frame_person
from segcam_models.data.pictures import U8, Person, Pictures
from segcam_models.data.props import (
    HEADSET_SHARE,
    HOLD_SHARE,
    hang_portrait,
    hold,
    litter,
    put_on_headset,
)

REAL_SHARE = 0.55
"""From composites alone, a model would learn to see their seams."""
EMPTY_PORTRAIT_SHARE = 0.12
"""Share of rooms without people with a portrait on the wall."""
STREET_SHARE = 0.3
"""Share of rooms without people that are what is beside somebody, mostly a street."""
LITTER_SHARE = 0.3
"""Share of rooms without people with coloured things."""
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
    return spoiled(scene, rng)


def spoiled(scene: Scene, rng: Rng) -> Scene:
    """The scene as from a random webcam."""
    return Scene(spoil(scene.image, rng), scene.matte)


def empty_scene(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A disturbed part of a room without anybody, at most with a portrait on its wall."""
    street = _beside(pick(pictures.people, rng)) if rng.random() < STREET_SHARE else None
    place = pick(pictures.rooms, rng) if street is None else street
    room = view_room(place, size, rng, least=0.25)
    if rng.random() < LITTER_SHARE:
        room = litter(room, pick(pictures.people, rng), rng)
    if rng.random() < EMPTY_PORTRAIT_SHARE:
        room = hang_portrait(room, pick(pictures.people, rng), rng)
    return Scene(spoil(room, rng), np.zeros(size, np.uint8))


def _beside(person: Person) -> U8 | None:
    """The part of a picture to the left or right of the person; None if it is narrow."""
    columns = np.flatnonzero((person.matte > 2).any(axis=0))
    width = person.matte.shape[1]
    first, last = (int(columns[0]), int(columns[-1])) if len(columns) else (width, width)
    left, right = person.image[:, : max(0, first - 4)], person.image[:, last + 5 :]
    wider = left if left.shape[1] > right.shape[1] else right
    return wider if wider.shape[1] > width // 5 else None


def moving_scene(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A disturbed composite of one or two whole figures, most of them blurred or upside down."""
    return spoiled(move(pictures, size, rng), rng)


def distant_scene(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A disturbed composite of one or two people far away."""
    return spoiled(stand_far(pictures, size, rng), rng)


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
        if rng.random() < HEADSET_SHARE:
            person = put_on_headset(person, rng)
    return cut(person, box.inside(person.matte.shape), size, *pick_pose(rng, turn=4))
