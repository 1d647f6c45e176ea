"""The part of libyuv that planes need, by ctypes: there is no binding on PyPI.

Optional. It resizes and blends bytes in a quarter of OpenCV's time; where it is missing, OpenCV
does the same. Most desktops have it, since their AVIF library needs it.

Source: libyuv's scale.h and planar_functions.h, as they have been since 2020.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

_NAME = "libyuv.so.0"
_FILTER_BOX = 3
_PLANE = ctypes.c_void_p, ctypes.c_int


class Libyuv:
    """The loaded library. From any thread; the interpreter's lock is given away meanwhile.

    Planes are uint8 (h, w), the pixels of a row side by side.

    Raises:
        OSError: It is not here, or a version that resizes in another way.
    """

    def __init__(self) -> None:
        library = ctypes.CDLL(_NAME)
        try:
            self._scale, self._blend = library.ScalePlane, library.I420Blend
        except AttributeError as error:
            raise OSError(f"{_NAME} is not as expected: {error}") from error
        size = ctypes.c_int, ctypes.c_int
        self._scale.argtypes = (*_PLANE, *size, *_PLANE, *size, ctypes.c_int)
        self._blend.argtypes = (*_PLANE * 10, *size)
        if not self._doubles_around_centres():
            raise OSError(f"{_NAME} is older than 2021")

    def scale(self, plane: U8, out: U8) -> None:
        """Resize a plane to a half or a quarter (means) or to double size (interpolated).

        Other sizes are not for it: it lays the outermost pixels' centres onto each other, where
        OpenCV lays the edges.

        Args:
            plane: Borrowed.
            out: Written whole.
        """
        height, width = plane.shape
        self._scale(
            *_plane(plane), width, height, *_plane(out), out.shape[1], out.shape[0], _FILTER_BOX
        )

    def blend(self, front: Sequence[U8], matte: U8, out: Sequence[U8]) -> None:
        """Lay I420 planes over what ``out`` shows: ``(matte * front + (255 - matte) * out) / 255``.

        Args:
            front: Y (h, w), U and V (h/2, w/2), even h and w. Borrowed.
            matte: (h, w), of which chroma takes the means. Borrowed.
            out: As ``front``. Where the matte is 0 it is left as it is, to the last bit; where it
                is 255 it becomes ``front``.
        """
        behind = [each for plane in out for each in _plane(plane)]
        person = [each for plane in front for each in _plane(plane)]
        self._blend(*person, *behind, *_plane(matte), *behind, matte.shape[1], matte.shape[0])

    def _doubles_around_centres(self) -> bool:
        """Versions before 2021 interpolate from corner to corner, which moves edges."""
        plane, out = np.array([[0, 255], [0, 255]], np.uint8), np.zeros((4, 4), np.uint8)
        self.scale(plane, out)
        return bool((abs(out - np.array([0.0, 63.75, 191.25, 255])) <= 1).all())


def _plane(plane: U8) -> tuple[int, int]:
    assert plane.strides[1] == 1
    return plane.ctypes.data, plane.strides[0]


def _find() -> Libyuv | None:
    try:
        return Libyuv()
    except OSError:
        return None


LIBYUV = _find()
"""None where OpenCV has to do."""
