"""One training picture with its mask: a real one, or people set into another room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from segcam_models.data.camera import spoil, streak
from segcam_models.data.framing import (
    CLOSE_UP,
    FAR,
    FIGURE,
    UPPER_BODY,
    Box,
    Shot,
    Size,
    frame_person,
)
from segcam_models.data.pictures import U8, Person, Pictures

Rng = np.random.Generator
T = TypeVar("T")
SHOTS = (CLOSE_UP, UPPER_BODY, FIGURE, FAR)
SHOT_ODDS = (0.4, 0.4, 0.14, 0.06)
"""What webcams see, and how often."""
REAL_SHARE = 0.55
"""Composites alone would teach what a paste seam looks like."""
TAUGHT_SHARE = 0.45
"""Of the real pictures, those with other models' mattes where there are any."""
TAUGHT_GUESTS = 0.3
"""The same of the people set into a room."""
BACKLIGHT_SHARE = 0.08
"""Of the composites, those before a bright window."""
TUMBLE_SHARE = 0.12
"""Of the people set into a room, those who hang, lie or fall: not everybody stands upright."""
RUSH_SHARE = 0.12
"""Of the people set into a room, those who move while the shutter is open."""
CUTOUT_SHARE = 0.3
"""Of the people set into a room, those with soft hair."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and its truth.

    Attributes:
        image: uint8 (H, W, 3), BGR.
        matte: uint8 (H, W), 0 room to 255 person.
    """

    image: U8
    matte: U8


def random_scene(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A spoilt picture of (H, W); the same generator state gives the same scene."""
    if rng.random() < REAL_SHARE:
        scene = _real(pictures, size, rng)
    else:
        scene = _composite(pictures, size, rng)
    if rng.random() < 0.12:
        scene = _occlude(scene, _pick(pictures.rooms, rng), rng)
    return Scene(spoil(scene.image, rng), scene.matte)


def plain_scene(person: Person, shot: Shot, size: Size, rng: Rng) -> Scene:
    """A crop of a real picture as it is, for measuring."""
    box = frame_person(person.matte, shot, size[1] / size[0], rng)
    return _cut(person, box.inside(person.matte.shape), size)


def _real(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    if pictures.taught and rng.random() < TAUGHT_SHARE:
        person = _pick(pictures.taught, rng)
        box = _taught_part(person, size, rng)
    else:
        person = _pick(pictures.people, rng)
        box = frame_person(person.matte, _shot(rng), _aspect(size, rng), rng)
    return _cut(person, box.inside(person.matte.shape), size, *_pose(rng, turn=4))


def _composite(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    room = _room(_pick(pictures.rooms, rng), size, rng)
    matte = np.zeros(size, np.uint8)
    backlit = rng.random() < BACKLIGHT_SHARE
    if backlit:
        room = _expose(room, rng.uniform(1.3, 2.2))
    company = rng.choice((0, 1, 2, 3), p=(0.04, 0.76, 0.15, 0.05))
    for _ in range(company):
        guest = _guest(pictures, size, rng)
        if rng.random() < RUSH_SHARE:
            guest = rush(guest, rng)
        guest = _relight(guest, room, rng)
        if backlit:
            guest = Scene(_expose(guest.image, rng.uniform(0.2, 0.6)), guest.matte)
        room = _blend(room, guest)
        matte = np.maximum(matte, guest.matte)
    return Scene(room, matte)


def _guest(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """Somebody alone on the canvas, the matte pulled in a little against the old room's rim."""
    soft = bool(pictures.cutouts) and rng.random() < CUTOUT_SHARE
    if soft:
        person = _pick(pictures.cutouts, rng)
        box = _fill(person, _aspect(size, rng), rng)
        return _cut(person, box, size, *_guest_pose(rng))
    if pictures.taught and rng.random() < TAUGHT_GUESTS:
        person = _pick(pictures.taught, rng)
        box = _taught_part(person, size, rng)
    else:
        person = _pick(pictures.people, rng)
        box = frame_person(person.matte, _shot(rng), _aspect(size, rng), rng)
    scene = _cut(person, box, size, *_guest_pose(rng))
    feathered = cv2.GaussianBlur(scene.matte, (0, 0), rng.uniform(0.6, 1.4)).astype(np.float32)
    pulled_in = (feathered * 1.5 - 100).clip(0, 255).astype(np.uint8)
    return Scene(scene.image, pulled_in)


def rush(guest: Scene, rng: Rng) -> Scene:
    """Smear somebody along a line, person and matte alike: the edge becomes as soft as it looks."""
    length = int(rng.integers(5, 33))
    line = streak(length, float(rng.uniform(0, 180)))
    weight = guest.matte.astype(np.float32) / 255
    smeared = cv2.filter2D(weight, -1, line, borderType=cv2.BORDER_REPLICATE)
    light = cv2.filter2D(guest.image * weight[..., None], -1, line, borderType=cv2.BORDER_REPLICATE)
    image = light / np.maximum(smeared, 1e-3)[..., None]
    return Scene(
        image.clip(0, 255).astype(np.uint8), (smeared * 255).round().clip(0, 255).astype(np.uint8)
    )


def _fill(person: Person, aspect: float, rng: Rng) -> Box:
    """Cut-outs are portraits already: the crop is most of the picture, or more than it."""
    height = person.matte.shape[0] * rng.uniform(0.45, 1.1)
    width = height * aspect
    left = (person.matte.shape[1] - width) / 2 + width * rng.uniform(-0.2, 0.2)
    return Box(rng.uniform(-0.2, 0.1) * height, left, height, width)


def _cut(person: Person, box: Box, size: Size, flip: bool = False, degrees: float = 0.0) -> Scene:
    onto = box.onto(size, flip, degrees)
    canvas = (size[1], size[0])
    image = cv2.warpAffine(person.image, onto, canvas, borderMode=cv2.BORDER_REFLECT)
    border = cv2.BORDER_REFLECT if person.real and _fits(box, person) else cv2.BORDER_CONSTANT
    matte = cv2.warpAffine(person.matte, onto, canvas, borderMode=border)
    return Scene(np.asarray(image, np.uint8), np.asarray(matte, np.uint8))


def _fits(box: Box, person: Person) -> bool:
    return box == box.inside(person.matte.shape)


def _room(room: U8, size: Size, rng: Rng) -> U8:
    """A random part of a room, out of focus at times."""
    part = _part(room.shape[:2], size, rng.uniform(0.5, 1.0), rng)
    onto = part.onto(size, flip=rng.random() < 0.5)
    view = cv2.warpAffine(room, onto, (size[1], size[0]), borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.25:
        view = cv2.GaussianBlur(view, (0, 0), rng.uniform(1, 5))
    return np.asarray(view, np.uint8)


def _part(whole: Size, size: Size, share: float, rng: Rng) -> Box:
    """A crop for ``size`` anywhere in a picture, of that share of the picture's height."""
    height, width = whole
    tall = height * share
    box = Box(0, 0, tall, tall * _aspect(size, rng)).inside(whole)
    top, left = rng.random() * (height - box.height), rng.random() * (width - box.width)
    return Box(top, left, box.height, box.width)


def _taught_part(person: Person, size: Size, rng: Rng) -> Box:
    """Most of the picture, in any shape from upright to the camera's: as a box around a person."""
    height, width = person.matte.shape
    tall = height * rng.uniform(0.6, 1.0)
    box = Box(0, 0, tall, tall * rng.uniform(0.6, size[1] / size[0])).inside((height, width))
    top, left = rng.random() * (height - box.height), rng.random() * (width - box.width)
    return Box(top, left, box.height, box.width)


def _expose(image: U8, gain: float) -> U8:
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)


def _relight(guest: Scene, room: U8, rng: Rng) -> Scene:
    """Move the person's light and colour part of the way to the room's, lit from one side."""
    if not (guest.matte > 127).any():
        return guest
    mine = np.array(cv2.mean(guest.image, guest.matte)[:3]) + 1
    gains = ((np.array(cv2.mean(room)[:3]) + 1) / mine) ** rng.uniform(0, 0.6)
    gains = gains.clip(0.5, 1.7)
    side = np.linspace(-1, 1, room.shape[1], dtype=np.float32) * rng.normal(0, 0.12) + 1
    lit = guest.image * (side[:, None] * gains.astype(np.float32))
    return Scene(lit.clip(0, 255).astype(np.uint8), guest.matte)


def _blend(room: U8, guest: Scene) -> U8:
    weight = guest.matte.astype(np.float32) / 255
    return np.asarray(cv2.blendLinear(guest.image, room, weight, 1 - weight), np.uint8)


def _occlude(scene: Scene, room: U8, rng: Rng) -> Scene:
    """Hold something before the camera that is no person: a plate with the look of a room."""
    height, width = scene.matte.shape
    shape = np.zeros((height, width), np.uint8)
    middle = (int(rng.uniform(0, width)), int(rng.uniform(0.4, 1.1) * height))
    axes = (int(rng.uniform(0.05, 0.25) * width), int(rng.uniform(0.05, 0.3) * height))
    if rng.random() < 0.5:
        cv2.ellipse(shape, middle, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        corners = cv2.boxPoints((middle, (2 * axes[0], 2 * axes[1]), rng.uniform(0, 180)))
        cv2.fillConvexPoly(shape, corners.astype(np.int32), 255, cv2.LINE_AA)
    thing = Scene(_room(room, (height, width), rng), shape)
    return Scene(_blend(scene.image, thing), np.minimum(scene.matte, 255 - shape))


def _shot(rng: Rng) -> Shot:
    return SHOTS[int(rng.choice(len(SHOTS), p=SHOT_ODDS))]


def _aspect(size: Size, rng: Rng) -> float:
    """A 4:3 camera is stretched to the model's 16:9 at times, and the other way round."""
    return size[1] / size[0] * (1.0 if rng.random() < 0.5 else rng.uniform(0.75, 1.15))


def _pose(rng: Rng, turn: float) -> tuple[bool, float]:
    return bool(rng.random() < 0.5), float(rng.normal(0, turn))


def _guest_pose(rng: Rng) -> tuple[bool, float]:
    """As they come; not everybody stands upright."""
    if rng.random() < TUMBLE_SHARE:
        return bool(rng.random() < 0.5), float(rng.uniform(-180, 180))
    return _pose(rng, turn=8)


def _pick(things: tuple[T, ...], rng: Rng) -> T:
    return things[int(rng.integers(len(things)))]
