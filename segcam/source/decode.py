"""Converts compressed pictures and other pixel formats to I420 planes, as cheaply as possible.

Nothing here makes a full-size RGB picture. The most common formats of cameras and clips (planar
4:2:0 and 4:2:2, limited or full range) are copied plane by plane: 0.25 ms at 1280x720 instead of
1.7 ms with swscale, which handles all others.
"""

from __future__ import annotations

from typing import Protocol, cast

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from segcam.frame import U8, Frame, even

LUMA_GAIN = 219 / 255
CHROMA_GAIN = 224 / 255
"""Full range to limited range. Source: ITU-T T.871 (JFIF) and ITU-R BT.601, section 2.5.3."""

_PLANAR = {"yuv420p": 1, "yuvj420p": 1, "yuv422p": 2, "yuvj422p": 2, "gray": 0}
"""Formats copied plane by plane, and their chroma rows per row of I420."""

_BT601 = (2, 5, 6)
"""AVColorSpace values treated as BT.601: unspecified (usual with webcams), BT.470BG, SMPTE 170M."""


class PlaneReader:
    """Writes decoded pictures into frames. Keeps swscale's tables between calls. For one thread."""

    def __init__(self) -> None:
        self._scaler = VideoReformatter()

    def copy(self, picture: av.VideoFrame, out: Frame) -> None:
        """Write a picture of any format, range, colour matrix and size into ``out``.

        Args:
            picture: As decoded. Unmarked YUV counts as BT.601, limited range. Borrowed, unchanged.
            out: Keeps its size; the picture is scaled to it if necessary, except that odd sides get
                an extra row or column. Only the planes are written.

        Raises:
            av.FFmpegError: swscale cannot convert this format.
        """
        if not _is_copyable(picture, out):
            picture = self._convert(picture, out)
        full = picture.color_range == ColorRange.JPEG or "yuvj" in picture.format.name
        rows = _PLANAR[picture.format.name]
        put_luma(_plane(picture, 0), out.y, full)
        for index, plane in ((1, out.u), (2, out.v)):
            if rows:
                put_chroma(_plane(picture, index), plane, rows, full)
            else:
                plane.fill(128)

    def _convert(self, picture: av.VideoFrame, out: Frame) -> av.VideoFrame:
        unmarked_yuv = picture.colorspace == _BT601[0] and not picture.format.is_rgb
        height, width = out.size
        return self._scaler.reformat(
            picture,
            width,
            height,
            "yuv420p",
            src_colorspace=Colorspace.ITU601 if unmarked_yuv else None,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )


class Decoder(Protocol):
    """Decodes a camera's pictures into frames. For one thread."""

    def decode(self, data: memoryview, out: Frame) -> bool:
        """Write the picture in ``data`` into the planes of ``out``, which takes its size.

        Returns:
            False if there is none; the planes of ``out`` are then undefined.

        Raises:
            av.FFmpegError: The picture's format cannot be converted to planes.
        """


class CodecDecoder:
    """Decodes a camera's pictures with FFmpeg. For one thread.

    If pictures depend on earlier ones, the decoder needs every buffer, also of skipped pictures.
    After a lost buffer it decodes what it can until the camera sends a key frame.

    Args:
        codec: FFmpeg's name for the format.
        strict: Reject damaged pictures, if complete ones come often.
    """

    def __init__(self, codec: str, strict: bool = False) -> None:
        self._codec = cast(av.VideoCodecContext, av.CodecContext.create(codec, "r"))
        self._codec.thread_count = 1  # more threads delay pictures
        self._codec.flags |= av.codec.context.Flags.low_delay
        self._strict = strict
        if strict:
            self._codec.options = {"err_detect": "explode"}
        self._reader = PlaneReader()

    def decode(self, data: memoryview, out: Frame) -> bool:
        """See `Decoder`; also False before the first complete picture."""
        picture = self.advance(data)
        if picture is None or (self._strict and picture.is_corrupt):
            return False
        out.resize(even((picture.height, picture.width)))
        self._reader.copy(picture, out)
        return True

    def advance(self, data: memoryview) -> av.VideoFrame | None:
        """Decode a buffer for later pictures; None if it gives no picture."""
        if not data:  # an empty packet would end the stream
            return None
        try:
            pictures = self._codec.decode(av.Packet(bytes(data)))
        except av.FFmpegError:
            return None
        return pictures[-1] if pictures else None


def _is_copyable(picture: av.VideoFrame, out: Frame) -> bool:
    return (
        even((picture.height, picture.width)) == out.size
        and picture.format.name in _PLANAR
        and (picture.colorspace in _BT601 or picture.format.name == "gray")
    )


def _plane(picture: av.VideoFrame, index: int) -> U8:
    """uint8 (h, w) view of a plane, without the padding at the end of its rows."""
    plane = picture.planes[index]
    block = np.frombuffer(cast(memoryview, plane), np.uint8)  # a buffer, but its stub lacks that
    rows: U8 = block.reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def put_luma(plane: U8, out: U8, full: bool) -> None:
    """Copy luma to limited range. ``out`` may be ``plane`` itself, or its size rounded to even."""
    height, width = plane.shape
    inner = out[:height, :width]
    if full:
        cv2.convertScaleAbs(plane, inner, LUMA_GAIN, 16)
    else:
        np.copyto(inner, plane)
    out[height:] = out[height - 1]  # the extra row and column of an odd side
    out[:, width:] = out[:, width - 1 : width]


def put_chroma(plane: U8, out: U8, rows: int, full: bool) -> None:
    """Copy a chroma plane to limited range; each ``rows`` rows become one row of ``out``."""
    gain = CHROMA_GAIN if full else 1.0
    offset = 128 * (1 - gain)
    if rows == 2:  # 4:2:2: each pair of rows becomes one
        upper, lower = plane[::2], plane[1::2]
        if len(lower) < len(upper):
            lower = np.concatenate((lower, plane[-1:]))
        cv2.addWeighted(upper, gain / 2, lower, gain / 2, offset, out)
    elif full:
        cv2.convertScaleAbs(plane, out, gain, offset)
    else:
        np.copyto(out, plane)
