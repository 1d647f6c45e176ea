"""Names of uncompressed pixel formats."""

from __future__ import annotations

AV_FORMATS = {
    "NV12": "nv12",
    "YU12": "yuv420p",
    "YV12": "yuv420p",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "YVYU": "yvyu422",
    "422P": "yuv422p",
    "NV16": "nv16",
    "NV21": "nv21",
    "BGR3": "bgr24",
    "RGB3": "rgb24",
    "RGBP": "rgb565le",
    "GREY": "gray",
}
"""FFmpeg's name for each readable pixel format, cheapest first."""
