"""What people hold and wear, which counts as person; chairs, things and portraits: room."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from segcam_models.data.crop import Rng, Scene, view_room
from segcam_models.data.framing import HEAD_SHARE
from segcam_models.data.pictures import U8, Person

HOLD_SHARE = 0.12
"""Share of scenes in which somebody holds something."""
SIDES = (0.12, 0.35)
"""Sizes of held things, as shares of the picture's height: from a phone or mug to an open book."""

HEADSET_SHARE = 0.1
"""Share of whole figures that wear a headset."""
SEAT_SHARE = 0.2
"""Share of the first people in a room with the back of a chair behind them."""


def hold(scene: Scene, surface: U8, rng: Rng) -> Scene:
    """Put a thing on the person's outline, as if held by a hand; an empty room is unchanged.

    Args:
        scene: A scene with a person.
        surface: uint8 (H, W, 3), BGR: a part of it becomes the thing's print, if it has one.
        rng: Determines everything.
    """
    person = (scene.matte > 127).view(np.uint8)
    rim = np.argwhere(cv2.morphologyEx(person, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    rim = rim[rim[:, 0] > scene.matte.shape[0] * 0.3]  # hands are rarely above the head
    if not len(rim):
        return scene
    row, column = rim[int(rng.integers(len(rim)))].tolist()
    thing = _thing(scene.matte.shape, (column, row), surface, rng)
    return Scene(blend(scene.image, thing), np.maximum(scene.matte, thing.matte))


def put_on_headset(person: Person, rng: Rng) -> Person:
    """The person with a band over the head, two ear cups and sometimes a microphone.

    Args:
        person: A whole, upright figure.
        rng: Determines everything.
    """
    rows = np.flatnonzero((person.matte > 127).any(axis=1))
    if not len(rows):
        return person
    tall = int((rows[-1] + 1 - rows[0]) * HEAD_SHARE)
    head = np.flatnonzero((person.matte[rows[0] : rows[0] + max(1, tall)] > 127).any(axis=0))
    middle = (int(head.mean()), int(rows[0] + tall * rng.uniform(0.5, 0.65)))
    half = max(2, int(min(len(head), tall) * rng.uniform(0.42, 0.52)))
    image, matte = person.image.copy(), person.matte.copy()
    shade = rng.integers(0, 90, 3) if rng.random() < 0.7 else rng.integers(0, 256, 3)
    thick = max(1, int(tall * rng.uniform(0.05, 0.12)))
    cup = (max(1, int(tall * rng.uniform(0.08, 0.14))), max(1, int(tall * rng.uniform(0.14, 0.22))))
    side = int(rng.choice((-1, 1))) if rng.random() < 0.5 else 0
    mouth = (middle[0] + side * half // 2, middle[1] + int(tall * 0.4))
    for canvas, value in ((image, shade.tolist()), (matte, 255)):
        band = (half, middle[1] - int(rows[0]))
        cv2.ellipse(canvas, middle, band, 0, 180, 360, value, thick, cv2.LINE_AA)
        for ear in (middle[0] - half, middle[0] + half):
            cv2.ellipse(canvas, (ear, middle[1]), cup, 0, 0, 360, value, -1, cv2.LINE_AA)
        if side:
            ear = middle[0] + side * half
            cv2.line(canvas, (ear, middle[1]), mouth, value, max(1, thick // 2), cv2.LINE_AA)
    return replace(person, image=image, matte=matte)


def seat(room: U8, sitter: U8, rng: Rng) -> U8:
    """The room (H, W, 3) with the back of a chair behind somebody.

    Args:
        room: BGR.
        sitter: uint8 (H, W), the matte of who will sit there; nobody leaves the room unchanged.
        rng: Determines everything.
    """
    height, width = sitter.shape
    rows = np.flatnonzero((sitter > 127).any(axis=1))
    if not len(rows):
        return room
    body = np.flatnonzero((sitter > 127).any(axis=0))
    middle = int(body.mean() + len(body) * rng.normal(0, 0.06))
    half = max(2, int(len(body) * rng.uniform(0.25, 0.65)))
    top = int(rows[0] + len(rows) * rng.uniform(0.12, 0.5))
    round_px = max(1, int(half * rng.uniform(0.1, 0.6)))
    shape = np.zeros((height, width), np.uint8)
    edge = (middle - half + round_px, top + round_px, middle + half - round_px, height + round_px)
    cv2.rectangle(shape, edge[:2], edge[2:], 255, -1)
    shape = cv2.dilate(shape, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round_px + 1,) * 2))
    if rng.random() < 0.3:
        axes = (half // 2, max(1, half // 3))
        cv2.ellipse(shape, (middle, top - axes[1] // 2), axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
    shade = rng.integers(0, 80, 3) if rng.random() < 0.6 else rng.integers(0, 256, 3)
    light = np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.3), height)[:, None, None]
    image = np.broadcast_to((light * shade).clip(0, 255), room.shape).astype(np.uint8)
    soft = cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.5, 2))
    return blend(room, Scene(image, np.asarray(soft, np.uint8)))


def litter(room: U8, person: Person, rng: Rng) -> U8:
    """The room (H, W, 3) with one to three coloured things: cushions, coats, flowers.

    Their texture is a part of somebody's picture, mostly clothes, in stronger colours.
    """
    size = room.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        rows, columns = np.nonzero(person.matte > 127)
        at = int(rng.integers(len(rows)))
        high, wide = (int(n * rng.uniform(0.05, 0.2)) for n in person.matte.shape)
        top, left = max(0, int(rows[at]) - high), max(0, int(columns[at]) - wide)
        patch = person.image[top : top + 2 * high, left : left + 2 * wide]
        image = _strengthened(cv2.resize(patch, size[::-1]), rng.uniform(1, 2.5))
        shape = np.zeros(size, np.uint8)
        middle = (int(rng.uniform(0, size[1])), int(rng.uniform(0, size[0])))
        axes = (int(rng.uniform(0.03, 0.2) * size[1]), int(rng.uniform(0.03, 0.3) * size[0]))
        if rng.random() < 0.5:
            cv2.ellipse(shape, middle, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((middle, (2 * axes[0], 2 * axes[1]), rng.normal(0, 15)))
            cv2.fillConvexPoly(shape, corners.astype(np.int32), 255, cv2.LINE_AA)
        room = blend(room, Scene(image, cv2.GaussianBlur(shape, (0, 0), rng.uniform(0.5, 3))))
    return room


def _strengthened(image: U8, factor: float) -> U8:
    """The picture in stronger colours."""
    gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.addWeighted(image, factor, gray, 1 - factor, 0), np.uint8)


def hang_portrait(room: U8, person: Person, rng: Rng) -> U8:
    """The room (H, W, 3) with a framed picture of somebody on its wall."""
    height, width = room.shape[:2]
    tall = int(height * rng.uniform(0.2, 0.5)) // 2 * 2
    wide = int(tall * rng.uniform(0.6, 1.3)) // 2 * 2
    frame = max(2, tall // 16)
    rows, columns = person.image.shape[:2]
    part = person.image[: int(rows * rng.uniform(0.25, 0.9))]
    shown = cv2.resize(part[:, : max(1, columns)], (wide, tall), interpolation=cv2.INTER_AREA)
    color = rng.integers(0, 256, 3).tolist()
    framed = cv2.copyMakeBorder(shown, *[frame] * 4, cv2.BORDER_CONSTANT, value=color)
    top = int(rng.uniform(0, max(1, height // 2 - frame)))
    left = int(rng.uniform(0, max(1, width - framed.shape[1])))
    out = room.copy()
    place = out[top : top + framed.shape[0], left : left + framed.shape[1]]
    place[:] = framed[: place.shape[0], : place.shape[1]]
    return out


def blend(room: U8, guest: Scene) -> U8:
    """The guest in front of the room, blended by the guest's matte."""
    weight = guest.matte.astype(np.float32) / 255
    return np.asarray(cv2.blendLinear(guest.image, room, weight, 1 - weight), np.uint8)


def _thing(size: tuple[int, int], middle: tuple[int, int], surface: U8, rng: Rng) -> Scene:
    """A sheet, book, phone or mug: one colour or print, a rim, and lines or a handle on some."""
    height, width = (int(size[0] * rng.uniform(*SIDES)) for _ in range(2))
    corners = cv2.boxPoints((middle, (width, height), float(rng.normal(0, 15)))).astype(np.int32)
    shape = np.zeros(size, np.uint8)
    cv2.fillConvexPoly(shape, corners, 255, cv2.LINE_AA)
    color = rng.integers(0, 256, 3).tolist()
    image = view_room(surface, size, rng) if rng.random() < 0.4 else np.full((*size, 3), color)
    image = np.ascontiguousarray(image, np.uint8)
    rim = rng.integers(0, 256, 3).tolist()
    cv2.polylines(image, [corners], True, rim, max(1, height // 20), cv2.LINE_AA)
    if rng.random() < 0.3:
        handle = (middle[0] + width // 2, middle[1])
        for canvas, value in ((shape, 255), (image, color)):
            axes = (max(2, width // 4), max(2, height // 4))
            cv2.ellipse(canvas, handle, axes, 0, 0, 360, value, max(2, height // 10), cv2.LINE_AA)
    return Scene(image, shape)
