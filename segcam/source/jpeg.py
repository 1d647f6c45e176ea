"""Decodes a webcam's JPEG pictures to planes."""

from __future__ import annotations

import numpy as np

from segcam.frame import U8, Frame, Size, even
from segcam.source.decode import CodecDecoder, put_chroma, put_luma
from segcam.source.turbojpeg import Header, find_turbojpeg

_LIMITED = b"CS=ITU601"
"""A comment of some cameras that use limited range, contrary to JFIF."""
_COMMENTS_BYTES = 1024
_MOST_FAILURES = 10


class JpegDecoder:
    """Decodes single JPEG pictures: usual ones with libjpeg-turbo, others with FFmpeg.

    Usual means complete pictures of 4:2:2 or 4:2:0, of the size of ``out``, in full range. FFmpeg
    may still decode pictures that libjpeg-turbo rejects. If a camera sends only such pictures,
    FFmpeg soon decodes all of them, so that nothing is decoded twice. For one thread.
    """

    def __init__(self) -> None:
        self._turbo = find_turbojpeg()
        self._codec = CodecDecoder("mjpeg", strict=True)
        self._failures = 0
        self._chroma: U8 = np.empty((2, 0, 0), np.uint8)

    def decode(self, data: memoryview, out: Frame) -> bool:
        """See `Decoder`.

        False if ``data`` is incomplete or not JPEG: cameras send such data now and then, mostly at
        the start.
        """
        if self._decode_usual(data, out):
            self._failures = 0
            return True
        decoded = self._codec.decode(data, out)
        self._failures += decoded
        return decoded

    def _decode_usual(self, data: memoryview, out: Frame) -> bool:
        if self._turbo is None or self._failures > _MOST_FAILURES:
            return False
        header = self._turbo.header(data)
        if header is None or not _is_usual(header, data, out.size):
            return False
        planes = out.y, *self._places(header, out)
        if not self._turbo.decode(data, header, planes):
            return False
        put_luma(out.y, out.y, full=True)
        for plane, wanted in ((planes[1], out.u), (planes[2], out.v)):
            put_chroma(plane, wanted, header.chroma_rows, full=True)
        return True

    def _places(self, header: Header, out: Frame) -> tuple[U8, U8]:
        """Destinations of the chroma: the frame itself if no rows have to be merged."""
        if header.chroma_rows == 1:
            return out.u, out.v
        height, width = header.size
        if self._chroma.shape != (2, height, width // 2):
            self._chroma = np.empty((2, height, width // 2), np.uint8)
        return self._chroma[0], self._chroma[1]


def _is_usual(header: Header, data: memoryview, size: Size) -> bool:
    return header.size == even(header.size) == size and _LIMITED not in bytes(
        data[:_COMMENTS_BYTES]
    )
