"""Blends the person over the background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.composite.background import weighted_blur
from segcam.frame import F32, U8, Frame
from segcam.libyuv import LIBYUV
from segcam.planes import shrink

NEAR = 0.01
"""How far around an edge the colours of person and room are averaged: standard deviation over the
frame's height. On keyed figures, this reduces the mean error of luma in half-covered pixels from
6.0 levels to 1.9."""
PERSON, ROOM = 215, 40
"""A small pixel counts for the person's colour from the first opacity on, for the room's up to the
second. Pixels close to the edge are most similar to the mixed colours."""
PRODUCT = np.array([a * (255 - a) / 255**2 for a in range(256)], np.float32)
"""``a * (1 - a)`` of an opacity."""
Box = tuple[slice, slice]
Mattes = tuple[U8, U8]
"""One matte in two sizes, uint8, 0 background to 255 person: (H, W) for luma, (H/2, W/2) for
chroma."""


class Blender:
    """Composites plane by plane, in its own scratch memory. For one thread."""

    def __init__(self) -> None:
        self._front, self._behind = np.empty((2, 0), np.uint8)

    def blend(self, frame: Frame, mattes: Mattes, out: Frame, clean_edge: bool) -> None:
        """Blend the person over ``out``: ``matte * person + (1 - matte) * out``.

        Args:
            frame: The camera's picture, (H, W).
            mattes: The matte at the size of luma and of chroma.
            out: The background, same size; becomes the composite. Where the matte is 0 or 255, it
                is exactly the background or the person.
            clean_edge: Remove the real room's colour from half-covered pixels.
        """
        if self._front.size < frame.y.size:
            self._front, self._behind = np.empty((2, frame.y.size), np.uint8)
        lay_over = self._lay_over if LIBYUV is None else LIBYUV.blend
        box = _box_of(mattes[1])
        if box[0].stop:
            for index, place in enumerate((_doubled(box), box, box)):
                person, opacity = frame.planes[index], mattes[min(index, 1)]
                lay_over(person[place], opacity[place], out.planes[index][place])
        if clean_edge:
            _clean_edge(frame, mattes, out)

    def _lay_over(self, person: U8, opacity: U8, target: U8) -> None:
        """Two products of bytes and their sum: takes a third of the time of wider arithmetic."""
        # the same contiguous memory for all planes, so that it stays in the cache
        front, behind = (
            scratch[: target.size].reshape(target.shape) for scratch in (self._front, self._behind)
        )
        cv2.bitwise_not(opacity, dst=behind)
        cv2.multiply(target, behind, dst=behind, scale=1 / 255)
        cv2.multiply(person, opacity, dst=front, scale=1 / 255)
        cv2.add(front, behind, dst=target)


def _clean_edge(frame: Frame, mattes: Mattes, out: Frame) -> None:
    """Give half-covered pixels the person's own colour.

    They show ``a*F + (1-a)*B``. With F and B estimated from pixels nearby that are surely person
    and surely room, the composite lacks ``a*(1-a)*(F-B)``. Source: the idea of Forte and Pitie,
    "Approximate Fast Foreground Colour Estimation" (ICIP 2021), with the two colours averaged at an
    eighth of 1280x720.
    """
    distances = _distances(frame, mattes[0])
    if distances is None:
        return
    for index, target in enumerate(out.planes):
        matte = mattes[min(index, 1)]
        edge = np.flatnonzero(np.asarray(cv2.inRange(matte, 1, 254)).view(np.bool_))
        place = edge if index else _halved_index(edge, matte.shape[1])
        clean = PRODUCT.take(matte.take(edge))
        clean *= distances[index].take(place)
        clean += target.take(edge)
        clean += np.float32(0.5)
        target.reshape(-1)[edge] = np.clip(clean, 0, 255, out=clean).astype(np.uint8)


def _distances(frame: Frame, matte: U8) -> list[F32] | None:
    """Difference between the colours of person and real room, around each pixel.

    Returns:
        Per plane float32 (H/2, W/2), in levels; None if there is no person or no room.
    """
    height, width = frame.small[0].shape
    size = (height + 1) // 2, (width + 1) // 2
    opacity = shrink(matte, size)
    person, room = (opacity >= PERSON).astype(np.float32), (opacity <= ROOM).astype(np.float32)
    if not person.any() or not room.any():
        return None
    planes = [shrink(plane, size) for plane in frame.small]
    sigma_px = max(0.5, NEAR * size[0])
    inner, outer = (weighted_blur(planes, weight, sigma_px) for weight in (person, room))
    width_height = (frame.u.shape[1], frame.u.shape[0])
    distances = (np.subtract(f, b, dtype=np.float32) for f, b in zip(inner, outer, strict=True))
    return [np.asarray(cv2.resize(d, width_height), np.float32) for d in distances]


def _box_of(matte: U8) -> Box:
    """The box of all nonzero pixels of a matte, and one more pixel, for rounding to half size."""
    left, top, width, height = cv2.boundingRect(matte)
    grown = 1 if width else 0
    return (
        slice(max(0, top - grown), top + height + grown),
        slice(max(0, left - grown), left + width + grown),
    )


def _doubled(box: Box) -> Box:
    rows, columns = box
    return slice(rows.start * 2, rows.stop * 2), slice(columns.start * 2, columns.stop * 2)


def _halved_index(index: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """Flat indices into a plane of ``width`` as flat indices into its half-size version."""
    row, column = np.divmod(index, width)
    return (row >> 1) * (width >> 1) + (column >> 1)
