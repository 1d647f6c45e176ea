"""The part of libjpeg-turbo that a webcam's JPEG pictures need, with ctypes.

Optional: without it FFmpeg decodes, which takes a fifth longer. PyTurboJPEG, the maintained
binding, requires libjpeg-turbo 3, which Debian 12 and Ubuntu 24.04 lack, and allocates memory for
each picture.

Source: libjpeg-turbo's turbojpeg.h, the functions that versions 2.0 to 3.1 have in common.
"""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segcam.size import Size

U8 = NDArray[np.uint8]

_NAME = "libturbojpeg.so.0"
_YCBCR = 1
_CHROMA_ROWS = {1: 2, 2: 1}
"""By TJSAMP: 4:2:2 and 4:2:0."""
_STRICT = 8192 | 32768
"""TJFLAG_STOPONWARNING, because an incomplete picture is only a warning, and TJFLAG_LIMITSCANS,
because a progressive picture of a few bytes can take hours."""

_INTEGER, _ADDRESS = ctypes.c_int, ctypes.c_void_p
_PLANES, _STRIDES = _ADDRESS * 3, _INTEGER * 3


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a JPEG picture.

    Attributes:
        size: (H, W).
        chroma_rows: Rows of chroma for two rows of luma: 2 for 4:2:2, 1 for 4:2:0.
    """

    size: Size
    chroma_rows: int


class TurboJpeg:
    """A decompressor. For one thread; it releases Python's lock while it works.

    Raises:
        OSError: The library is missing or not as expected.
    """

    def __init__(self) -> None:
        library = ctypes.CDLL(_NAME)
        try:
            start, end = library.tjInitDecompress, library.tjDestroy
            self._header, self._decode = (
                library.tjDecompressHeader3,
                library.tjDecompressToYUVPlanes,
            )
        except AttributeError as error:
            raise OSError(f"{_NAME} is not as expected: {error}") from error
        start.restype, end.argtypes = _ADDRESS, [_ADDRESS]
        data = _ADDRESS, _ADDRESS, ctypes.c_ulong
        self._header.argtypes = [*data, *[ctypes.POINTER(_INTEGER)] * 4]
        self._decode.argtypes = [*data, _PLANES, _INTEGER, _STRIDES, _INTEGER, _INTEGER]
        self._handle = start()
        if not self._handle:
            raise OSError(f"{_NAME} cannot start")
        weakref.finalize(self, end, self._handle)

    def header(self, data: memoryview) -> Header | None:
        """The header of ``data``; None unless it is a YCbCr picture of 4:2:2 or 4:2:0."""
        width, height, sampling, colors = (_INTEGER() for _ in range(4))
        fields = (ctypes.byref(field) for field in (width, height, sampling, colors))
        if self._header(self._handle, *_bytes(data), *fields) or colors.value != _YCBCR:
            return None
        rows = _CHROMA_ROWS.get(sampling.value)
        return None if rows is None else Header((height.value, width.value), rows)

    def decode(self, data: memoryview, header: Header, planes: tuple[U8, U8, U8]) -> bool:
        """Decode a picture.

        Args:
            data: Borrowed.
            header: From `header`.
            planes: Y, U and V, uint8, C-contiguous, full range; Y has the header's size, the others
                half its width. Undefined if the picture is incomplete.

        Returns:
            False if the picture is incomplete.

        Raises:
            ValueError: The planes do not fit the header; the library would write outside them.
        """
        height, width = header.size
        chroma = -(-height * header.chroma_rows // 2), -(-width // 2)
        if tuple(plane.shape for plane in planes) != (header.size, chroma, chroma):
            raise ValueError(f"{[plane.shape for plane in planes]} do not fit {header}")
        if not all(plane.flags.c_contiguous and plane.dtype == np.uint8 for plane in planes):
            raise ValueError("planes must be contiguous bytes")
        addresses = _PLANES(*(plane.ctypes.data for plane in planes))
        strides = _STRIDES(width, chroma[1], chroma[1])
        return not self._decode(
            self._handle, *_bytes(data), addresses, width, strides, height, _STRICT
        )


def _bytes(data: memoryview) -> tuple[int, int]:
    block = np.frombuffer(data, np.uint8)  # also works with read-only memory
    return block.ctypes.data, block.size


def find_turbojpeg() -> TurboJpeg | None:
    """A decompressor; None if FFmpeg has to decode."""
    try:
        return TurboJpeg()
    except OSError:
        return None
