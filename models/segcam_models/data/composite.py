"""Composites people into other rooms."""

from __future__ import annotations

import cv2
import numpy as np

from segcam_models.data.camera import streak
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
from segcam_models.data.framing import DISTANT, FAR, FARTHER, FIGURE, Box, Size, frame_person
from segcam_models.data.pictures import U8, Person, Pictures
from segcam_models.data.props import (
    HEADSET_SHARE,
    SEAT_SHARE,
    blend,
    hang_portrait,
    litter,
    put_on_headset,
    seat,
)

TAUGHT_GUESTS = 0.3
"""Share of composited people with other models' mattes, if there are any."""
BACKLIGHT_SHARE = 0.08
"""Share of composites in front of a bright window."""
PORTRAIT_SHARE = 0.1
"""Share of rooms with a portrait on the wall."""
TUMBLE_SHARE = 0.12
"""Share of composited people who hang, lie or fall: not everybody stands upright."""
RUSH_SHARE = 0.12
"""Share of composited people with motion blur."""
LITTER_SHARE = 0.3
"""Share of figures in motion in front of coloured things."""
CUTOUT_SHARE = 0.3
"""Share of composited people with soft hair."""


def composite(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """Up to four people in a room, or nobody, as (H, W)."""
    room = view_room(pick(pictures.rooms, rng), size, rng)
    matte = np.zeros(size, np.uint8)
    if rng.random() < PORTRAIT_SHARE:
        room = hang_portrait(room, pick(pictures.people, rng), rng)
    backlit = rng.random() < BACKLIGHT_SHARE
    if backlit:
        room = _expose(room, rng.uniform(1.3, 2.2))
    company = rng.choice(5, p=(0.04, 0.73, 0.14, 0.05, 0.04))
    for _ in range(company):
        guest = _guest(pictures, size, rng)
        if rng.random() < RUSH_SHARE:
            guest = rush(guest, rng)
        guest = _relight(guest, room, rng)
        if rng.random() < SEAT_SHARE and not matte.any():  # it would hide who is there already
            room = seat(room, guest.matte, rng)
        if backlit:
            guest = Scene(_expose(guest.image, rng.uniform(0.2, 0.6)), guest.matte)
        room = blend(room, guest)
        matte = np.maximum(matte, guest.matte)
    return Scene(room, matte)


def move(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """One or two figures in a room, as (H, W): small or large, in any direction, most blurred."""
    room = view_room(pick(pictures.rooms, rng), size, rng)
    matte = np.zeros(size, np.uint8)
    if rng.random() < LITTER_SHARE:
        room = litter(room, pick(pictures.people, rng), rng)
    for _ in range(1 + int(rng.random() < 0.2)):
        person = pick(pictures.people, rng)
        shot = (FIGURE, FAR, FARTHER)[int(rng.integers(3))]
        aspect = size[1] / size[0] * rng.uniform(0.6, 1.6)
        box = frame_person(person.matte, shot, aspect, rng)
        turned = shot is not FARTHER and rng.random() < 0.6
        degrees = rng.uniform(-180, 180) if turned else rng.normal(0, 10)
        pose = bool(rng.random() < 0.5), float(degrees)
        guest = _feathered(cut(person, box, size, *pose), rng.uniform(0.6, 1.4))
        room, matte = _joined(room, matte, guest, 0.5, rng)
    return Scene(room, matte)


def stand_far(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """One or two people far away in a room, as (H, W)."""
    room = view_room(pick(pictures.rooms, rng), size, rng, least=0.6)
    matte = np.zeros(size, np.uint8)
    if rng.random() < LITTER_SHARE:
        room = litter(room, pick(pictures.people, rng), rng)
    for _ in range(1 + int(rng.random() < 0.3)):
        person = pick(pictures.people, rng)
        box = frame_person(person.matte, DISTANT, size[1] / size[0] * rng.uniform(0.9, 1.1), rng)
        pose = bool(rng.random() < 0.5), float(rng.normal(0, 3))
        guest = _feathered(cut(person, box, size, *pose), 1.0)
        room, matte = _joined(room, matte, guest, 0.2, rng)
    return Scene(room, matte)


def _joined(room: U8, matte: U8, guest: Scene, rushes: float, rng: Rng) -> tuple[U8, U8]:
    """Picture and matte with one more person, in the room's light; a share of them moves."""
    if rng.random() < rushes:
        guest = rush(guest, rng)
    guest = _relight(guest, room, rng)
    return blend(room, guest), np.maximum(matte, guest.matte)


def _guest(pictures: Pictures, size: Size, rng: Rng) -> Scene:
    """A person alone on the canvas, with a soft edge."""
    soft = bool(pictures.cutouts) and rng.random() < CUTOUT_SHARE
    if soft:
        person = pick(pictures.cutouts, rng)
        box = _fill(person, pick_aspect(size, rng), rng)
        return cut(person, box, size, *_guest_pose(rng))
    if pictures.taught and rng.random() < TAUGHT_GUESTS:
        person = pick(pictures.taught, rng)
        box = taught_part(person, size, rng)
    else:
        person = pick(pictures.people, rng)
        box = frame_person(person.matte, pick_shot(rng), pick_aspect(size, rng), rng)
        if rng.random() < HEADSET_SHARE:
            person = put_on_headset(person, rng)
    return _feathered(cut(person, box, size, *_guest_pose(rng)), rng.uniform(0.6, 1.4))


def set_into(room: U8, person: Person, box: Box) -> Scene:
    """The part of a person's picture in a box, composited into a room, at the room's size."""
    guest = _feathered(cut(person, box, room.shape[:2]), 1.0)
    return Scene(blend(room, guest), guest.matte)


def _feathered(guest: Scene, sigma: float) -> Scene:
    """A softer edge, moved inwards a little to hide the old room's rim."""
    feathered = cv2.GaussianBlur(guest.matte, (0, 0), sigma).astype(np.float32)
    return Scene(guest.image, (feathered * 1.5 - 100).clip(0, 255).astype(np.uint8))


def rush(guest: Scene, rng: Rng) -> Scene:
    """Add motion blur along a line to person and matte, so that the matte's edge matches."""
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
    """Cut-outs are portraits already, so the crop is most of the picture, or larger."""
    height = person.matte.shape[0] * rng.uniform(0.45, 1.1)
    width = height * aspect
    left = (person.matte.shape[1] - width) / 2 + width * rng.uniform(-0.2, 0.2)
    return Box(rng.uniform(-0.2, 0.1) * height, left, height, width)


def _expose(image: U8, gain: float) -> U8:
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)


def _relight(guest: Scene, room: U8, rng: Rng) -> Scene:
    """Move the person's light and colour towards the room's, lit from one side."""
    if not (guest.matte > 127).any():
        return guest
    mine = np.array(cv2.mean(guest.image, guest.matte)[:3]) + 1
    gains = ((np.array(cv2.mean(room)[:3]) + 1) / mine) ** rng.uniform(0, 0.6)
    gains = gains.clip(0.5, 1.7)
    side = np.linspace(-1, 1, room.shape[1], dtype=np.float32) * rng.normal(0, 0.12) + 1
    lit = guest.image * (side[:, None] * gains.astype(np.float32))
    return Scene(lit.clip(0, 255).astype(np.uint8), guest.matte)


def occlude(scene: Scene, room: U8, rng: Rng) -> Scene:
    """Put an object in front of the camera: a plate with the texture of a room."""
    height, width = scene.matte.shape
    shape = np.zeros((height, width), np.uint8)
    middle = (int(rng.uniform(0, width)), int(rng.uniform(0.4, 1.1) * height))
    axes = (int(rng.uniform(0.05, 0.25) * width), int(rng.uniform(0.05, 0.3) * height))
    if rng.random() < 0.5:
        cv2.ellipse(shape, middle, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        corners = cv2.boxPoints((middle, (2 * axes[0], 2 * axes[1]), rng.uniform(0, 180)))
        cv2.fillConvexPoly(shape, corners.astype(np.int32), 255, cv2.LINE_AA)
    thing = Scene(view_room(room, (height, width), rng), shape)
    return Scene(blend(scene.image, thing), np.minimum(scene.matte, 255 - shape))


def _guest_pose(rng: Rng) -> tuple[bool, float]:
    """A random pose; not everybody stands upright."""
    if rng.random() < TUMBLE_SHARE:
        return bool(rng.random() < 0.5), float(rng.uniform(-180, 180))
    return pick_pose(rng, turn=8)
