"""The part of libwebp that large WebP pictures need, with ctypes.

Optional: without it OpenCV decodes, which takes twice as long: it uses one thread, and converts
the whole picture to BGR. Source: libwebp's decode.h, version 2 of its interface (since 0.4).
"""

from __future__ import annotations

import ctypes
from functools import cache

from segcam import MOST_PICTURE_PIXELS
from segcam.frame import Frame, Size, even

_NAME = "libwebp.so.7"
_VERSION = 0x0209
_YUV, _LOSSY = 11, 1
_EXIF = 8
"""Flag of a VP8X header. Source: RFC 9649, section 2.7."""

_INTEGER, _ADDRESS, _SIZE, _PADDING = (
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_uint32,
)


class _Features(ctypes.Structure):
    _fields_ = (
        ("width", _INTEGER),
        ("height", _INTEGER),
        ("has_alpha", _INTEGER),
        ("has_animation", _INTEGER),
        ("format", _INTEGER),
        ("pad", _PADDING * 5),
    )


class _Planes(ctypes.Structure):
    _fields_ = (("address", _ADDRESS * 4), ("stride", _INTEGER * 4), ("size", _SIZE * 4))


class _Buffer(ctypes.Structure):
    _fields_ = (
        ("colorspace", _INTEGER),
        ("width", _INTEGER),
        ("height", _INTEGER),
        ("is_external_memory", _INTEGER),
        ("planes", _Planes),
        ("pad", _PADDING * 4),
        ("private_memory", _ADDRESS),
    )


class _Options(ctypes.Structure):
    _fields_ = (
        ("bypass_filtering", _INTEGER),
        ("no_fancy_upsampling", _INTEGER),
        ("use_cropping", _INTEGER),
        ("crop", _INTEGER * 4),
        ("use_scaling", _INTEGER),
        ("scaled_width", _INTEGER),
        ("scaled_height", _INTEGER),
        ("use_threads", _INTEGER),
        ("more", _INTEGER * 3),
        ("pad", _PADDING * 5),
    )


class _Config(ctypes.Structure):
    _fields_ = (("input", _Features), ("output", _Buffer), ("options", _Options))


def decode_webp(data: bytes, least: Size) -> Frame | None:
    """A large lossy WebP picture at half, a quarter or an eighth of its size.

    Args:
        data: The file.
        least: (H, W): no side gets smaller than this, in either orientation.

    Returns:
        None if OpenCV has to decode it: the library is missing, or the picture is small, damaged,
        lossless, transparent, animated or turned.
    """
    library = _library()
    config = _Config()
    if library is None or not library.WebPInitDecoderConfigInternal(ctypes.byref(config), _VERSION):
        return None
    found = config.input
    if library.WebPGetFeaturesInternal(data, len(data), ctypes.byref(found), _VERSION):
        return None
    is_turned = data[12:16] == b"VP8X" and data[20] & _EXIF
    if found.has_alpha or found.has_animation or found.format != _LOSSY or is_turned:
        return None
    part = part_of((found.height, found.width), least)
    if part == 1 or found.width * found.height > MOST_PICTURE_PIXELS:
        return None
    frame = Frame.empty(even((found.height // part, found.width // part)))
    _aim(config, frame)
    return None if library.WebPDecode(data, len(data), ctypes.byref(config)) else frame


def part_of(size: Size, least: Size) -> int:
    """The divisor 1, 2, 4 or 8 of a picture's size so that no side gets smaller than ``least``."""
    spare = min(size) / max(least)
    return next((part for part in (8, 4, 2) if part <= spare), 1)


def _aim(config: _Config, frame: Frame) -> None:
    """Decode into the planes of ``frame``, in its size."""
    output, options = config.output, config.options
    output.colorspace, output.is_external_memory = _YUV, 1
    for index, plane in enumerate(frame.planes):
        output.planes.address[index] = plane.ctypes.data
        output.planes.stride[index] = plane.strides[0]
        output.planes.size[index] = plane.strides[0] * plane.shape[0]
    options.use_threads = options.use_scaling = 1
    options.scaled_height, options.scaled_width = frame.size


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(_NAME)
        initialise, look, decode = (
            library.WebPInitDecoderConfigInternal,
            library.WebPGetFeaturesInternal,
            library.WebPDecode,
        )
    except (OSError, AttributeError):
        return None
    initialise.argtypes = [_ADDRESS, _INTEGER]
    look.argtypes = [ctypes.c_char_p, _SIZE, _ADDRESS, _INTEGER]
    decode.argtypes = [ctypes.c_char_p, _SIZE, _ADDRESS]
    return library
