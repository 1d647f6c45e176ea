"""Looks for people who are too small for the model in the whole picture.

A model trained on people in front of a webcam misses a person who fills a third of the picture's
height, but finds that person in a part of half the width and height. It also finds people in parts
of empty rooms. So several looks must agree: in a video two in a row at a place that moves, in a
single picture three overlapping parts. In single pictures of 835 empty rooms this found somebody
7 times.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.box import Box
from segcam.frame import F32, Frame, Size

SURE = 0.9
"""Opacity from which on a pixel counts as person."""
SMALLEST, LARGEST = 0.008, 0.3
"""Share of the part: the model would have found a larger figure, a smaller one is a speck."""
AGREE = 0.6
"""Intersection over union of two looks' boxes of one person."""
VIDEO_LOOKS, STILL_LOOKS = 2, 3
EVERY_NS = 100_000_000
"""Time between two looks at a video; a living thing has moved by then."""
RECENT_NS = 1_000_000_000
LARGE_MOVEMENT = 0.4
"""Share of the cells. If more change, the light or the camera has changed."""
EDGE_PX = 2
LEAST_PX = 64
"""Least sides of a picture that is worth searching in parts."""


class Search:
    """Finds small people. For one thread.

    A frame after a cut is searched like a single picture, since it shows no movement.
    """

    def __init__(self) -> None:
        self._found: list[tuple[int, Box]] = []
        self._looked_ns = 0

    def is_due(self, frame: Frame) -> bool:
        """Whether to search this frame, after a look at the whole has found nobody."""
        if min(frame.size) < LEAST_PX:
            return False
        return frame.cut or not 0 <= frame.captured_ns - self._looked_ns < EVERY_NS

    def places(self, frame: Frame, moving: NDArray[np.bool_]) -> Iterator[Box]:
        """Parts to look at.

        Args:
            frame: The model found nobody in the whole of it.
            moving: (rows, columns) of cells: which ones have changed since the last search.
        """
        self._looked_ns = frame.captured_ns
        if frame.cut:
            self._found.clear()
            yield from _parts(frame.size)
        elif moving.any() and moving.mean() < LARGE_MOVEMENT:
            yield _part_around(moving, frame.size)

    def saw(self, matte: F32, place: Box, frame: Frame) -> Box | None:
        """Process the matte of a place, float32 (h, w), 0..1, borrowed.

        Returns:
            The person's box without a margin, once enough looks agree.
        """
        looks = STILL_LOOKS if frame.cut else VIDEO_LOOKS
        now_ns = frame.captured_ns
        self._found = [each for each in self._found if 0 <= now_ns - each[0] < RECENT_NS]
        for figure in _figures(matte, place, frame.size):
            agreeing = [box for _, box in self._found if _agree(box, figure)]
            self._found.append((now_ns, figure))
            if len(agreeing) + 1 >= looks:
                self._found.clear()
                return figure
        return None


def _parts(size: Size) -> Iterator[Box]:
    """Parts of half the sides, each overlapping the next by half."""
    height, width = (side // 4 * 2 for side in size)
    for down, across in product(range(3), range(5)):
        top, left = (size[0] - height) * down // 4 * 2, (size[1] - width) * across // 8 * 2
        yield Box(top, left, height, width)


def _part_around(moving: NDArray[np.bool_], size: Size) -> Box:
    """A part of half the sides around the movement."""
    rows, columns = np.nonzero(moving)
    corner = []
    for cells, count, side in zip((rows, columns), moving.shape, size, strict=True):
        middle = (float(cells.mean()) + 0.5) / count * side
        half = side // 4 * 2
        corner.append(min(max(0, int(middle - half / 2)), side - half) // 2 * 2)
    return Box(corner[0], corner[1], size[0] // 4 * 2, size[1] // 4 * 2)


def _figures(matte: F32, place: Box, size: Size) -> Iterator[Box]:
    """Boxes of possible people: completely inside the place, except for the feet."""
    sure = (matte > SURE).view(np.uint8)
    _, _, rows, _ = cv2.connectedComponentsWithStats(sure)
    down, across = place.height / matte.shape[0], place.width / matte.shape[1]
    for left, top, width, height, area in rows[1:].tolist():
        cut_off = (
            (left < EDGE_PX and place.left > 0)
            or (top < EDGE_PX and place.top > 0)
            or (left + width > matte.shape[1] - EDGE_PX and place.right < size[1])
        )
        if not cut_off and SMALLEST < area / matte.size < LARGEST:
            yield Box(
                int(place.top + top * down) // 2 * 2,
                int(place.left + left * across) // 2 * 2,
                int(height * down) // 2 * 2,
                int(width * across) // 2 * 2,
            )


def _agree(one: Box, other: Box) -> bool:
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    width = min(one.right, other.right) - max(one.left, other.left)
    shared = max(0, height) * max(0, width)
    return shared > AGREE * (one.area + other.area - shared)
