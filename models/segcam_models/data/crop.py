"""Crops pictures like a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from segcam_models.data.framing import CLOSE_UP, FAR, FIGURE, UPPER_BODY, Box, Shot, Size
from segcam_models.data.pictures import U8, Person

Rng = np.random.Generator
T = TypeVar("T")
SHOTS = (CLOSE_UP, UPPER_BODY, FIGURE, FAR)
SHOT_ODDS = (0.36, 0.38, 0.16, 0.1)
"""Kinds of shots, and their frequency."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and its truth.

    Attributes:
        image: uint8 (H, W, 3), BGR.
        matte: uint8 (H, W), 0 room to 255 person.
    """

    image: U8
    matte: U8


def cut(person: Person, box: Box, size: Size, flip: bool = False, degrees: float = 0.0) -> Scene:
    """The part of a person's picture in a box, rotated about its centre, as (H, W)."""
    onto = box.onto(size, flip, degrees)
    canvas = (size[1], size[0])
    image = cv2.warpAffine(person.image, onto, canvas, borderMode=cv2.BORDER_REFLECT)
    border = cv2.BORDER_REFLECT if person.real and _fits(box, person) else cv2.BORDER_CONSTANT
    matte = cv2.warpAffine(person.matte, onto, canvas, borderMode=border)
    return Scene(np.asarray(image, np.uint8), np.asarray(matte, np.uint8))


def _fits(box: Box, person: Person) -> bool:
    return box == box.inside(person.matte.shape)


def view_room(room: U8, size: Size, rng: Rng, least: float = 0.5) -> U8:
    """A random part of a room, at least that share of its height, sometimes out of focus."""
    part = part_of(room.shape[:2], size, rng.uniform(least, 1.0), rng)
    onto = part.onto(size, flip=rng.random() < 0.5)
    view = cv2.warpAffine(room, onto, (size[1], size[0]), borderMode=cv2.BORDER_REFLECT)
    if rng.random() < 0.25:
        view = cv2.GaussianBlur(view, (0, 0), rng.uniform(1, 5))
    return np.asarray(view, np.uint8)


def part_of(whole: Size, size: Size, share: float, rng: Rng) -> Box:
    """A crop for ``size`` anywhere in a picture, with that share of the picture's height."""
    height, width = whole
    tall = height * share
    box = Box(0, 0, tall, tall * pick_aspect(size, rng)).inside(whole)
    top, left = rng.random() * (height - box.height), rng.random() * (width - box.width)
    return Box(top, left, box.height, box.width)


def taught_part(person: Person, size: Size, rng: Rng) -> Box:
    """Most of the picture, in any shape from upright to the camera's, like a person's box."""
    height, width = person.matte.shape
    tall = height * rng.uniform(0.6, 1.0)
    box = Box(0, 0, tall, tall * rng.uniform(0.6, size[1] / size[0])).inside((height, width))
    top, left = rng.random() * (height - box.height), rng.random() * (width - box.width)
    return Box(top, left, box.height, box.width)


def pick_shot(rng: Rng) -> Shot:
    """Choose the distance of the camera."""
    return SHOTS[int(rng.choice(len(SHOTS), p=SHOT_ODDS))]


def pick_aspect(size: Size, rng: Rng) -> float:
    """Sometimes stretch a 4:3 camera to the model's 16:9, or the reverse."""
    return size[1] / size[0] * (1.0 if rng.random() < 0.5 else rng.uniform(0.75, 1.15))


def pick_pose(rng: Rng, turn: float) -> tuple[bool, float]:
    """Whether to mirror, and the degrees of rotation, with the deviation ``turn``."""
    return bool(rng.random() < 0.5), float(rng.normal(0, turn))


def pick(things: tuple[T, ...], rng: Rng) -> T:
    """One of them at random."""
    return things[int(rng.integers(len(things)))]
