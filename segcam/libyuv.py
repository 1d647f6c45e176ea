"""The part of libyuv that planes need, with ctypes: PyPI has no binding.

Optional. On processors for which it has optimised code (x86), it resizes and blends bytes in a
quarter of OpenCV's time, and unpacks camera formats in a tenth to a third of swscale's time.
Without it, OpenCV and swscale do the same. Most desktops have it, because their AVIF library needs
it.

Source: libyuv's scale.h, planar_functions.h and convert.h.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

_NAME = "libyuv.so.0"
_FILTER_BOX = 3
_BYTE = np.dtype(np.uint8)
_FIRST_BYTE: Callable[[Any], ctypes.c_char] = ctypes.c_char.from_buffer
"""Not of a memoryview, which takes as long as NumPy's own address."""
_PLANE = ctypes.c_void_p, ctypes.c_int
_UNPACKERS = {
    "YUYV": "YUY2ToI420",
    "UYVY": "UYVYToI420",
    "NV12": "NV12ToI420",
    "NV21": "NV21ToI420",
    "YU12": "I420Copy",
}
UNPACKED = tuple(_UNPACKERS)
"""V4L2's names of the pixel formats that `Libyuv.unpack` accepts."""
_RATIOS = (0.5, 0.5), (2, 2), (4, 4), (2, 1)
LONGEST_PX = 2**15
"""Some versions silently do not resize planes with a longer side."""


class Libyuv:
    """The loaded library. From any thread; it releases Python's lock while it works.

    Planes are uint8 (h, w), with contiguous pixels in a row and any row stride.

    Raises:
        OSError: It is missing or not as expected.
    """

    def __init__(self) -> None:
        library = ctypes.CDLL(_NAME)
        try:
            self._scale, self._blend = library.ScalePlane, library.BlendPlane
            self._unpackers = {form: library[name] for form, name in _UNPACKERS.items()}
        except AttributeError as error:
            raise OSError(f"{_NAME} is not as expected: {error}") from error
        size = ctypes.c_int, ctypes.c_int
        self._scale.argtypes = (*_PLANE, *size, *_PLANE, *size, ctypes.c_int)
        self._scale.restype = None  # older versions return nothing
        self._blend.argtypes = (*_PLANE * 4, *size)
        for form, unpack in self._unpackers.items():
            unpack.argtypes = (*_PLANE * (len(_shapes(form, (2, 2))) + 3), *size)
        if not self._works():
            raise OSError(f"{_NAME} is not as expected, or older than 2021")

    def scale(self, plane: U8, out: U8) -> None:
        """Resize a plane to a half or a quarter (means) or to double size (interpolated).

        It can also halve only the height.

        Other ratios are rejected: libyuv aligns the centres of outer pixels, OpenCV their edges.

        Args:
            plane: Borrowed.
            out: Written completely.

        Raises:
            ValueError: The sizes or planes are not supported.
        """
        if not self.has_scaled(plane, out):
            raise ValueError(f"{plane.shape} does not become {out.shape} here")

    def has_scaled(self, plane: U8, out: U8) -> bool:
        """As `scale`, but False if the sizes are not supported."""
        height, width = plane.shape
        new_height, new_width = out.shape
        if not is_scalable((height, width), (new_height, new_width)):
            return False
        self._scale(*_plane(plane), width, height, *_plane(out), new_width, new_height, _FILTER_BOX)
        return True

    def blend(self, front: U8, opacity: U8, out: U8) -> None:
        """Blend a plane over ``out``: ``(a * front + (255 - a) * out) / 255``.

        Args:
            front: Borrowed.
            opacity: Of the same size. Borrowed.
            out: Of the same size. It is exactly unchanged where ``opacity`` is 0, and exactly
                ``front`` where it is 255.

        Raises:
            ValueError: They differ in size, or are not supported.
        """
        if not front.shape == opacity.shape == out.shape:
            raise ValueError(f"{front.shape}, {opacity.shape} and {out.shape} differ")
        behind = _plane(out)
        height, width = out.shape
        if self._blend(*_plane(front), *behind, *_plane(opacity), *behind, width, height):
            raise ValueError(f"libyuv does not blend {out.shape}")

    def unpack(self, form: str, planes: Sequence[U8], out: tuple[U8, U8, U8]) -> None:
        """Write a camera's picture into planes of 4:2:0; in 4:2:2, two rows of chroma become one.

        Args:
            form: One of `UNPACKED`.
            planes: uint8, in the layout of the form, any row stride: YUYV (H, 2 * W); NV12 (H, W)
                and (H/2, W); YU12 (H, W) and twice (H/2, W/2). Borrowed.
            out: Y, U and V of an even size, written completely.

        Raises:
            ValueError: They do not match.
        """
        height, width = out[0].shape
        half = height // 2, width // 2
        shapes = [*_shapes(form, (height, width)), (height, width), half, half]
        if height % 2 or width % 2 or [plane.shape for plane in (*planes, *out)] != shapes:
            raise ValueError(f"{form} of {[plane.shape for plane in planes]} does not fit {shapes}")
        places = [part for plane in (*planes, *out) for part in _plane(plane)]
        self._unpackers[form](*places, width, height)

    def _works(self) -> bool:
        """Whether it gives the expected result on a small plane, with and without vector code.

        When they double a plane, versions before 2021 align the corner pixels, which moves edges.
        """
        row = (np.arange(132) * 73 % 256).astype(np.uint8)
        plane = np.tile(row, (8, 1))
        centres = (np.arange(264) + 0.5) / 2 - 0.5
        for height, wanted in (
            (4, row.reshape(-1, 2).mean(axis=1)),
            (2, row.reshape(-1, 4).mean(axis=1)),
            (16, np.interp(centres, np.arange(132), row)),
        ):
            out = np.zeros((height, wanted.size), np.uint8)
            self.scale(plane, out)
            if (abs(out - wanted) > 1).any():
                return False
        lower = np.zeros((4, 132), np.uint8)
        self.scale(np.vstack([plane[:4], plane[:4] // 2])[[0, 4, 1, 5, 2, 6, 3, 7]], lower)
        if (abs(lower - 0.75 * row) > 1).any():
            return False
        opacity = np.tile(np.arange(132, dtype=np.uint8) // 33 * 85, (8, 1))
        blended = np.full_like(plane, 200)
        self.blend(plane, opacity, blended)
        wanted = (opacity / 255) * plane + (1 - opacity / 255) * 200
        sure = (opacity == 0) | (opacity == 255)
        return bool((abs(blended - wanted) <= np.where(sure, 0.01, 1.01)).all())


def is_scalable(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether `Libyuv.scale` supports this change of (h, w): exactly 1/2, 1/4 or double.

    Also half of only the height; OpenCV halves only the width faster.
    """
    ratios = size[0] / other[0], size[1] / other[1]
    return ratios in _RATIOS and max(*size, *other) <= LONGEST_PX


def _shapes(form: str, size: tuple[int, int]) -> list[tuple[int, int]]:
    """Shapes of a picture's planes, in bytes."""
    height, width = size
    if form in ("YUYV", "UYVY"):
        return [(height, 2 * width)]
    if form in ("NV12", "NV21"):
        return [size, (height // 2, width)]
    return [size, (height // 2, width // 2), (height // 2, width // 2)]


def _plane(plane: U8) -> tuple[int, int]:
    row, pixel = plane.strides
    if plane.dtype != _BYTE or pixel != 1:
        raise ValueError(f"not a plane of bytes: {plane.dtype}, {plane.strides}")
    if plane.flags.c_contiguous and plane.flags.writeable and plane.size:
        # a quarter of the time, thirty times a frame
        return ctypes.addressof(_FIRST_BYTE(plane)), row
    return plane.ctypes.data, row


def _find() -> Libyuv | None:
    try:
        return Libyuv()
    except (OSError, ValueError):
        return None


LIBYUV = _find()
"""None: use OpenCV."""
