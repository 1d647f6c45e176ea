"""Pixel formats of a V4L2 output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segcam.color import i420_to_nv12, i420_to_yuyv
from segcam.frame import U8, Frame, Size
from segcam.v4l2 import abi


@dataclass(frozen=True, slots=True)
class Packing:
    """One pixel format.

    Attributes:
        fourcc: The kernel's name for it.
        pack: Writes a frame into an array of ``shape``.
        planar: 12 bits a pixel, chroma after the luma; else 16 bits, interleaved.
    """

    fourcc: str
    pack: Callable[[Frame, U8], None]
    planar: bool

    def shape(self, size: Size) -> tuple[int, ...]:
        """Shape of the uint8 array for a frame of (H, W)."""
        height, width = size
        return (height * 3 // 2, width) if self.planar else (height, width, 2)

    def format(self, size: Size) -> abi.PixFormat:
        """The format to request from a driver."""
        height, width = size
        rows, *line = self.shape(size)
        stride = int(np.prod(line))
        return abi.PixFormat(
            width=width,
            height=height,
            pixelformat=abi.fourcc(self.fourcc),
            field=abi.FIELD_NONE,
            bytesperline=stride,
            sizeimage=rows * stride,
            colorspace=abi.COLORSPACE_SMPTE170M,
            ycbcr_enc=abi.YCBCR_ENC_601,
            quantization=abi.QUANTIZATION_LIM_RANGE,
            xfer_func=abi.XFER_FUNC_709,
        )


def _pack_i420(frame: Frame, out: U8) -> None:
    np.copyto(out, frame.data)


PACKINGS = {
    "YUYV": Packing("YUYV", i420_to_yuyv, planar=False),
    "I420": Packing("YU12", _pack_i420, planar=True),
    "NV12": Packing("NV12", i420_to_nv12, planar=True),
}
"""By their usual names. Every program reads YUYV."""


def packing_of(pixelformat: int) -> Packing | None:
    """The packing for the driver's format; None if SegCam has none."""
    known = (entry for entry in PACKINGS.values() if abi.fourcc(entry.fourcc) == pixelformat)
    return next(known, None)
