"""Converts a camera's uncompressed pictures to planes."""

from __future__ import annotations

from typing import cast

import av
import numpy as np

from segcam.frame import U8, Frame, Size, even
from segcam.libyuv import LIBYUV, UNPACKED
from segcam.source.decode import PlaneReader
from segcam.source.pixels import AV_FORMATS

_BYTES_PER_COLUMN = {
    "yuyv422": 2,
    "uyvy422": 2,
    "yvyu422": 2,
    "bgr24": 3,
    "rgb24": 3,
    "rgb565le": 2,
}
_INTERLEAVED_CHROMA = ("nv12", "nv16", "nv21")


class RawDecoder:
    """Converts a camera's buffer to planes: usual formats with libyuv, others with swscale.

    For one thread.

    Args:
        fourcc: A key of AV_FORMATS.
        size: (H, W).
        bytes_per_line: Of the first plane, including padding, as the driver reports it.
        full_range: Values use 0..255.
        bt709: The colours follow BT.709 instead of BT.601.
    """

    def __init__(
        self, fourcc: str, size: Size, bytes_per_line: int, full_range: bool, bt709: bool
    ) -> None:
        height, width = size
        form = AV_FORMATS[fourcc]
        self._picture = av.VideoFrame(width, height, form)
        if not self._picture.format.is_rgb:
            # Infrared cameras do not report it, but grey is never of limited range.
            self._picture.color_range = 2 if full_range or form == "gray" else 1
            self._picture.colorspace = 1 if bt709 else 5
        planes = [_writable(plane) for plane in self._picture.planes]
        widths = [plane.width for plane in self._picture.planes]
        widths[0] *= _BYTES_PER_COLUMN.get(form, 1)
        if form in _INTERLEAVED_CHROMA:
            widths[1] = widths[0]
        self._reader = PlaneReader()
        self._fourcc, self._size = fourcc, even(size)
        usual = not full_range and not bt709 and self._size == size
        self._direct = usual and fourcc in UNPACKED
        order = (0, 2, 1) if fourcc == "YV12" else range(len(planes))
        self._targets = [planes[index][:, : widths[index]] for index in order]
        strides = [max(bytes_per_line, widths[0]) * n // widths[0] for n in widths]
        self._strides = [strides[index] for index in order]

    def decode(self, data: memoryview, out: Frame) -> bool:
        """See `Decoder`; False where ``data`` is too short."""
        planes = self._planes(data)
        if planes is None:
            return False
        out.resize(self._size)
        if self._direct and LIBYUV is not None:
            LIBYUV.unpack(self._fourcc, planes, out.planes)
            return True
        for target, source in zip(self._targets, planes, strict=True):
            np.copyto(target, source)
        self._reader.copy(self._picture, out)
        return True

    def _planes(self, data: memoryview) -> list[U8] | None:
        """The buffer's planes without row padding; None if it is too short."""
        block = np.frombuffer(data, np.uint8)
        start, planes = 0, []
        for target, stride in zip(self._targets, self._strides, strict=True):
            rows, width = target.shape
            if start + (rows - 1) * stride + width > block.size:
                return None
            planes.append(
                np.lib.stride_tricks.as_strided(
                    block[start:], (rows, width), (stride, 1), writeable=False
                )
            )
            start += rows * stride
        return planes


def _writable(plane: av.video.plane.VideoPlane) -> U8:
    block = np.frombuffer(cast(memoryview, plane), np.uint8)  # a buffer, but its stub lacks that
    rows: U8 = block.reshape(-1, plane.line_size)
    return rows[: plane.height]
