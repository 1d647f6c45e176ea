"""A picture on its way through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Size = tuple[int, int]
"""Height and width in pixels, in that order."""


def even(size: Size) -> Size:
    """The smallest size with even sides that holds ``size``: 4:2:0 needs them."""
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
        cut: True where nothing connects this frame with the one before it (first frame, another
            picture): stages that remember must forget.
        y, u, v: uint8 planes, (H, W), (H/2, W/2), (H/2, W/2).
    """

    data: U8
    id: int = 0
    captured_ns: int = 0
    cut: bool = True
    y: U8 = field(init=False, repr=False)
    u: U8 = field(init=False, repr=False)
    v: U8 = field(init=False, repr=False)

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

    def fill(self, yuv: tuple[int, int, int]) -> None:
        """Paint the whole frame with one (Y, U, V)."""
        for plane, value in zip(self.planes, yuv, strict=True):
            plane.fill(value)

    def resize(self, size: Size) -> None:
        """Give the frame another size; the content is undefined afterwards. No-op at that size."""
        if size != self.size:
            self._bind(Frame.empty(size).data)

    def copy_from(self, other: Frame) -> None:
        """Take over picture, size, id, time and cut of ``other``."""
        self.resize(other.size)
        np.copyto(self.data, other.data)
        self.id, self.captured_ns, self.cut = other.id, other.captured_ns, other.cut

    def mirror(self) -> None:
        """Swap left and right in place."""
        for plane in self.planes:
            cv2.flip(plane, 1, dst=plane)

    def _bind(self, data: U8) -> None:
        height, width = data.shape[0] * 2 // 3, data.shape[1]
        flat = data.reshape(-1)
        luma, chroma = height * width, height * width // 4
        self.data = data
        self.y = flat[:luma].reshape(height, width)
        self.u = flat[luma : luma + chroma].reshape(height // 2, width // 2)
        self.v = flat[luma + chroma :].reshape(height // 2, width // 2)
