"""Laying the person over the background, with work only where there is an edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.composite.background import weighted_blur, working_size
from segcam.frame import F32, U8, Frame
from segcam.planes import shrink

NEAR = 0.02
"""How far around an edge the person's and the room's own colours are gathered: standard deviation
over the frame's height. Wide enough to bridge the softest hair, narrow enough to stay local."""


def blend(frame: Frame, matte: U8, out: Frame, clean_edge: bool) -> None:
    """Lay the person over what ``out`` shows: ``matte * person + (1 - matte) * out``.

    Nearly all of a matte is exactly 0 or 255; there pixels are kept or copied, and only the edge
    between is computed.

    Args:
        frame: What the camera sees, (H, W).
        matte: uint8 (H, W), 0 background to 255 person.
        out: The background, same size; becomes the composite.
        clean_edge: Take the old room's colour out of the half-covered pixels.
    """
    halved = shrink(matte, (frame.u.shape[0], frame.u.shape[1]))
    spill = _spill(frame, matte) if clean_edge else None
    for index, (person, target) in enumerate(zip(frame.planes, out.planes, strict=True)):
        opacity = halved if index else matte
        edge = np.flatnonzero(np.asarray(cv2.inRange(opacity, 1, 254)).view(np.bool_))
        weight = opacity.take(edge) * np.float32(1 / 255)
        inner = person.take(edge).astype(np.float32)
        outer = target.take(edge).astype(np.float32)
        if spill is not None:
            place = edge if index else _halved_index(edge, frame.size[1])
            inner += (1 - weight) * spill[index].take(place)
        mixed = outer + weight * (inner - outer)
        cv2.copyTo(person, opacity, target)
        target.reshape(-1)[edge] = np.clip(mixed + np.float32(0.5), 0, 255).astype(np.uint8)


def _spill(frame: Frame, matte: U8) -> list[F32] | None:
    """How far the person's colour is from the old room's, around each pixel.

    A half-covered pixel shows ``a*F + (1-a)*B``; with F and B estimated by what is surely person
    and surely room nearby, adding ``(1-a)*(F-B)`` leaves the person's own colour.
    Source: the idea of Forte and Pitie, "Approximate Fast Foreground Colour Estimation" (ICIP
    2021), with the two colours gathered at a small size.

    Returns:
        Per plane float32 (H/2, W/2), in levels; None where there is no person or no room.
    """
    size = working_size(frame.size)
    sigma_px = max(0.5, NEAR * size[0])
    small = [shrink(plane, size) for plane in frame.planes]
    opacity = shrink(matte, size)
    person, room = (opacity == 255).astype(np.float32), (opacity == 0).astype(np.float32)
    if not person.any() or not room.any():
        return None
    inner, outer = (weighted_blur(small, weight, sigma_px) for weight in (person, room))
    width_height = (frame.u.shape[1], frame.u.shape[0])
    distances = (np.subtract(f, b, dtype=np.float32) for f, b in zip(inner, outer, strict=True))
    return [np.asarray(cv2.resize(d, width_height), np.float32) for d in distances]


def _halved_index(index: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """Flat indices into a plane of ``width`` as flat indices into its half-size version."""
    row, column = np.divmod(index, width)
    return (row >> 1) * (width >> 1) + (column >> 1)
