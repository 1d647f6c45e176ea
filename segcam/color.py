"""BT.601 limited-range YUV: conversion from and to RGB pictures and packed formats.

Only the sinks' packers run for each frame of a camera. Source of the figures: ITU-R BT.601-7,
section 2.5 (quantised to 8 bits: Y 16..235, Cb/Cr 16..240).
"""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import U8, Frame, Size, even


def rgb_to_yuv(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """One colour, 0..255 each, as limited-range (Y, U, V)."""
    r, g, b = rgb
    y = 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255
    u = 128 + (-37.797 * r - 74.203 * g + 112.0 * b) / 255
    v = 128 + (112.0 * r - 93.786 * g - 18.214 * b) / 255
    return round(y), round(u), round(v)


def bgr_to_frame(bgr: U8, out: Frame | None = None) -> Frame:
    """A picture as a frame.

    Args:
        bgr: uint8 (H, W, 3). Odd sides become even by repeating the last row or column.
        out: The target, resized to fit; None: a new frame.

    Returns:
        ``out`` or the new frame, of the even (H, W).
    """
    height, width = bgr.shape[:2]
    size: Size = even((height, width))
    if size != (height, width):
        bottom, right = size[0] - height, size[1] - width
        bgr = cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE)  # type: ignore[assignment]
    frame = out or Frame.empty(size)
    frame.resize(size)
    cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420, dst=frame.data)
    return frame


def frame_to_bgr(frame: Frame) -> U8:
    """The frame as a new uint8 (H, W, 3) picture, for picture files."""
    return np.asarray(cv2.cvtColor(frame.data, cv2.COLOR_YUV2BGR_I420), np.uint8)


def i420_to_yuyv(frame: Frame, out: U8) -> None:
    """Pack a frame as YUYV (4:2:2): each row of chroma is used for two rows of luma.

    Args:
        frame: (H, W).
        out: uint8 (H, W, 2), C-contiguous, written completely: Y interleaved with U and V in turn.
            One merge takes 0.15 ms at 1280x720; numpy, column by column, takes 1.6 ms.
    """
    height, width = frame.size
    chroma = cv2.merge([frame.u, frame.v]).reshape(height // 2, width)
    cv2.merge([frame.y, np.repeat(chroma, 2, axis=0)], out)


def i420_to_nv12(frame: Frame, out: U8) -> None:
    """Pack a frame as NV12: U and V interleaved in one plane.

    Args:
        frame: (H, W).
        out: uint8 (H*3//2, W), C-contiguous, written completely.
    """
    height, width = frame.size
    np.copyto(out[:height], frame.y)
    cv2.merge([frame.u, frame.v], out[height:].reshape(height // 2, width // 2, 2))
