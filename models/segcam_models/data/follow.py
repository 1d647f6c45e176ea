"""The part of a picture that the daemon's model sees: the box around the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam_models.data.coarse import F32, CoarseModel
from segcam_models.data.crop import Rng, Scene
from segcam_models.data.framing import Size
from segcam_models.data.pictures import U8

PERSON = 0.3
"""Opacity from which on a pixel counts as person."""
STRAY = 0.005
"""Share of the person's pixels that may lie outside each side: specks."""
NOBODY = 0.0005
"""With person pixels up to this share of the picture, nobody is there."""
MARGIN = 0.15
"""Margin around the person, as a share of the part's side."""
MARGINS = (0.1, 0.4)
"""The same for a box that has just grown, or has not shrunk yet."""
LEAST = 0.2
"""Smallest side of a part, as a share of the picture's."""
WHOLE = 0.88
"""From this share of the picture on, the whole picture is used."""

Part = tuple[slice, slice]


def follow(scene: Scene, coarse: CoarseModel, size: Size) -> Scene:
    """Run the model on the whole scene, then cut out the part around the found person.

    Args:
        scene: In a camera's shape, with even sides.
        coarse: Finds the person.
        size: (h, w) into which the part is stretched, whatever its shape.
    """
    part = part_around(coarse(scene.image), scene.matte.shape)
    return stretch(Scene(scene.image[part], scene.matte[part]), size)


def follow_truth(scene: Scene, size: Size, rng: Rng) -> Scene:
    """The same around the true person, with random margins.

    Args:
        scene: Of a camera's shape.
        size: (h, w) into which the part is stretched, whatever its shape.
        rng: Determines the margins.
    """
    person = scene.matte > PERSON * 255
    if person.mean() < NOBODY:
        return stretch(scene, size)
    rows, columns = (_loosely(person.sum(axis=axis), rng) for axis in (1, 0))
    return stretch(Scene(scene.image[rows, columns], scene.matte[rows, columns]), size)


def stretch(scene: Scene, size: Size) -> Scene:
    """The whole of a scene as (h, w), whatever its shape."""
    return Scene(_stretch(scene.image, size), _stretch(scene.matte, size))


def part_around(matte: F32, size: Size) -> Part:
    """Rows and columns of (H, W) around the person of a matte (h, w); all of them for nobody."""
    person = matte > PERSON
    if person.mean() < NOBODY:
        return slice(0, size[0]), slice(0, size[1])
    rows = _widened(person.sum(axis=1), size[0])
    columns = _widened(person.sum(axis=0), size[1])
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    if area > WHOLE * size[0] * size[1]:
        return slice(0, size[0]), slice(0, size[1])
    return rows, columns


def _widened(counts: NDArray[np.int_], limit: int) -> slice:
    """From the person's first pixel to after the last, with the margin, in even steps."""
    first, last = _extent(counts)
    pixel = limit / len(counts)
    margin = MARGIN * (last + 1 - first)
    low, high = (first - margin) * pixel, (last + 1 + margin) * pixel
    return slice(max(0, int(low) // 2 * 2), min(limit, -(-int(high) // 2) * 2))


def _loosely(counts: NDArray[np.int_], rng: Rng) -> slice:
    """From the person's first pixel to after the last, with a random margin at each side."""
    first, last = _extent(counts)
    before, after = (share * (last + 1 - first) for share in rng.uniform(*MARGINS, 2))
    missing = max(0.0, LEAST * len(counts) - (last + 1 - first + before + after)) / 2
    low, high = first - before - missing, last + 1 + after + missing
    return slice(max(0, int(low)), min(len(counts), round(high)))


def _extent(counts: NDArray[np.int_]) -> tuple[int, int]:
    """First and last of the person, ignoring specks."""
    reached = np.cumsum(counts) / counts.sum()
    first, last = (int(np.searchsorted(reached, share)) for share in (STRAY, 1 - STRAY))
    return first, last


def _stretch(image: U8, size: Size) -> U8:
    smaller = size[0] < image.shape[0] and size[1] < image.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size[::-1], interpolation=how), np.uint8)
