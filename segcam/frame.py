"""A picture in the pipeline."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from segcam.box import Box
from segcam.planes import F32, U8, Shrinker, resize
from segcam.size import Size

__all__ = ["BLACK", "F32", "U8", "Frame", "Size", "even"]

BLACK = (16, 128, 128)

SMALL_PIXELS = 320 * 180
"""Target size of a frame's small picture, which is an integer fraction of the frame: a quarter of
1280x720, half of 640x480. Twice that size gave no better mattes."""

MOST_PIXELS = SMALL_PIXELS * 21 // 20
"""Least size of a box's small picture."""


def even(size: Size) -> Size:
    """The smallest size with even sides that contains ``size``: 4:2:0 needs even sides."""
    return size[0] + size[0] % 2, size[1] + size[1] % 2


@dataclass(slots=True)
class Frame:
    """Planar YUV 4:2:0 (I420) in one block of memory, BT.601, limited range.

    The block holds H*W luma bytes, then U and V of H/2 x W/2 each. The planes are views: writing
    to them writes to ``data``.

    Attributes:
        data: uint8, shape (H*3//2, W), C-contiguous. Owned by the frame.
        id: Counts the frames of one source from 0.
        captured_ns: ``time.monotonic_ns()`` when the picture was taken, or its timestamp in a clip.
        cut: True if this frame is unrelated to the previous one (first frame, another picture):
            stages must drop their history.
        is_placeholder: True if it replaces a missing picture: viewers see it, files leave it out.
        y, u, v: uint8 planes, (H, W), (H/2, W/2), (H/2, W/2).
        box: The part for which a matte is made: the whole picture, unless ``look_at`` was called.
    """

    data: U8
    id: int = 0
    captured_ns: int = 0
    cut: bool = True
    is_placeholder: bool = False
    y: U8 = field(init=False, repr=False)
    u: U8 = field(init=False, repr=False)
    v: U8 = field(init=False, repr=False)
    box: Box = field(init=False)
    _shrinkers: list[Shrinker] | None = field(init=False, repr=False)
    _half: U8 | None = field(init=False, repr=False)
    _small: tuple[U8, U8, U8] = field(init=False, repr=False)
    _small_is_new: bool = field(init=False, repr=False)
    _levels: list[tuple[U8, U8, U8]] = field(init=False, repr=False)
    _own_levels: dict[int, tuple[U8, U8, U8]] = field(init=False, repr=False)
    _levels_are_new: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._bind(self.data)

    @classmethod
    def empty(cls, size: Size) -> Frame:
        """A frame of the given even (H, W) with undefined content."""
        height, width = size
        if height < 2 or width < 2 or height % 2 or width % 2:
            raise ValueError(f"4:2:0 needs even sides of at least 2, not {width}x{height}")
        return cls(np.empty((height * 3 // 2, width), np.uint8))

    @classmethod
    def filled(cls, size: Size, yuv: tuple[int, int, int]) -> Frame:
        """A frame of one colour, given as BT.601 limited-range (Y, U, V)."""
        frame = cls.empty(size)
        frame.fill(yuv)
        return frame

    @property
    def size(self) -> Size:
        """(H, W) of the picture."""
        return self.y.shape[0], self.y.shape[1]

    @property
    def planes(self) -> tuple[U8, U8, U8]:
        """The three planes as views."""
        return self.y, self.u, self.v

    @property
    def small(self) -> tuple[U8, U8, U8]:
        """The picture at about 320x180 pixels: Y, U and V, uint8 (h, w) each. Do not write to them.

        Made on first use and kept until ``stamp``. The model, the edges and the blur all start from
        it, because reading the full planes is expensive.
        """
        self.make_small()
        return self._small

    def make_small(self) -> None:
        """Make ``small`` now, while the planes are in the processor's cache."""
        if self._small_is_new:
            return
        planes, size = self.planes, _small_size(self.size)
        if size != self.size:  # boxes need the half, too
            if self._half is None:
                self._half = np.empty(self.u.shape, np.uint8)
            resize(self.y, self._half)
            planes = self._half, self.u, self.v
        if self._shrinkers is None:
            self._shrinkers = [Shrinker(plane.shape, size) for plane in planes]
        y, u, v = (shrink(plane) for shrink, plane in zip(self._shrinkers, planes, strict=True))
        self._small = y, u, v
        self._small_is_new = True

    def look_at(self, box: Box) -> None:
        """Use a part of the picture for the matte, until ``stamp``."""
        self.box, self._levels_are_new = box, False

    @property
    def box_planes(self) -> tuple[U8, U8, U8]:
        """The three planes inside the box, as views."""
        return self.box.of(self.y), self.box.of(self.u, 2), self.box.of(self.v, 2)

    @property
    def box_small(self) -> tuple[U8, U8, U8]:
        """As ``small``, of the box: small boxes have more detail. Made on first use."""
        return self.small if self.box.size == self.size else self._box_levels()[-1]

    def box_for(self, size: Size) -> tuple[U8, U8, U8]:
        """The smallest existing planes of the box that are at least (h, w), or its own planes."""
        levels = [self.box_planes, self.small]
        if self.box.size != self.size:
            levels = [self.box_planes, *self._box_levels()]
        return next((planes for planes in reversed(levels) if _holds(planes[0], size)), levels[0])

    def _box_levels(self) -> list[tuple[U8, U8, U8]]:
        """The box at 1/2, 1/4, ... of its sides, down to the small one; at least one."""
        if self._levels_are_new:
            return self._levels
        planes, self._levels = self.box_planes, []
        for size in _halvings(self.box.size):
            planes = self._part_of_whole(size) or self._shrunk(planes, size)
            self._levels.append(planes)
        self._levels_are_new = True
        return self._levels

    def _part_of_whole(self, size: Size) -> tuple[U8, U8, U8] | None:
        """The box at ``size`` as views of the whole picture's half or small planes.

        None if their pixels are not the box's.
        """
        self.make_small()
        box, step = self.box, self.box.height // size[0]
        if self._half is None or box.top % step or box.left % step:
            return None
        for planes in ((self._half, self.u, self.v), self._small):
            if (planes[0].shape[0] * step, planes[0].shape[1] * step) == self.size:
                y, u, v = (box.of(plane, step) for plane in planes)
                return y, u, v
        return None

    def _shrunk(self, planes: tuple[U8, U8, U8], size: Size) -> tuple[U8, U8, U8]:
        """The box at ``size``, in memory of its own, made from its planes at a larger size."""
        place = len(self._levels)
        shrunk = self._own_levels.get(place)
        if shrunk is None or shrunk[0].shape != size:
            shrunk = self._own_levels[place] = _empty_planes(size)
        for source, target in zip(planes, shrunk, strict=True):
            resize(source, target)
        return shrunk

    def stamp(self, frame_id: int, captured_ns: int, cut: bool = False) -> None:
        """Mark the frame as a new picture. Call it after writing to the planes."""
        self.id, self.captured_ns, self.cut = frame_id, captured_ns, cut
        self._small_is_new = False
        self.look_at(Box.whole(self.size))

    def fill(self, yuv: tuple[int, int, int]) -> None:
        """Paint the whole frame with one (Y, U, V)."""
        for plane, value in zip(self.planes, yuv, strict=True):
            plane.fill(value)
        self._small_is_new = False

    def resize(self, size: Size) -> None:
        """Change the frame's size; the content is then undefined. Does nothing at the same size."""
        if size != self.size:
            self._bind(Frame.empty(size).data)

    def copy_from(self, other: Frame) -> None:
        """Copy picture, size, id, time, cut and kind of ``other``."""
        self.resize(other.size)
        np.copyto(self.data, other.data)
        self.stamp(other.id, other.captured_ns, other.cut)
        self.is_placeholder = other.is_placeholder

    def mirror(self) -> None:
        """Swap left and right in place."""
        for plane in self.planes:
            cv2.flip(plane, 1, dst=plane)
        self._small_is_new = False

    def _bind(self, data: U8) -> None:
        height, width = data.shape[0] * 2 // 3, data.shape[1]
        flat = data.reshape(-1)
        luma, chroma = height * width, height * width // 4
        self.data = data
        self.y = flat[:luma].reshape(height, width)
        self.u = flat[luma : luma + chroma].reshape(height // 2, width // 2)
        self.v = flat[luma + chroma :].reshape(height // 2, width // 2)
        self._shrinkers = self._half = None
        self._levels, self._own_levels = [], {}
        self._levels_are_new = False
        self._small_is_new = False
        self.box = Box.whole(self.size)


def _small_size(size: Size) -> Size:
    part = max(1, round(math.sqrt(size[0] * size[1] / SMALL_PIXELS)))
    return -(-size[0] // part), -(-size[1] // part)


def _halvings(size: Size) -> list[Size]:
    """Sizes of a box after each halving, down to the pixels of a frame's small picture.

    A box that cannot or need not be halved is its own small picture.
    """
    sizes = [size]
    while sizes[-1][0] * sizes[-1][1] > MOST_PIXELS and not any(side % 2 for side in sizes[-1]):
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    return sizes[1:] or sizes


def _empty_planes(size: Size) -> tuple[U8, U8, U8]:
    y, u, v = np.empty((3, *size), np.uint8)
    return y, u, v


def _holds(plane: U8, size: Size) -> bool:
    height, width = plane.shape
    return bool(height >= size[0] and width >= size[1])
