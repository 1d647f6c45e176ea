"""The part of PipeWire's wire format for parameters ("POD") that a camera needs.

A POD is its body's size and type, 32 bits each, then the body, padded to 8 bytes. Objects hold
keyed PODs. Source: PipeWire documentation, "SPA POD"; the numbers come from spa/utils/type.h and
spa/param/*.h and are a fixed part of the protocol.
"""

from __future__ import annotations

import struct
from fractions import Fraction

from segcam.frame import Size

PARAM_ENUM_FORMAT, PARAM_FORMAT, PARAM_BUFFERS, PARAM_META = 3, 4, 5, 6
META_HEADER, META_HEADER_BYTES, META_BUSY = 1, 32, 7

_ID, _INT, _RECTANGLE, _FRACTION, _OBJECT, _CHOICE = 3, 4, 10, 11, 15, 19
_FORMAT, _BUFFERS, _META = 0x40003, 0x40004, 0x40005
_CHOICE_RANGE = 1
_MEDIA_TYPE, _MEDIA_SUBTYPE, _VIDEO_FORMAT = 1, 2, 0x20001
_VIDEO_SIZE, _VIDEO_FRAMERATE = 0x20003, 0x20004
_COLOR_RANGE, _COLOR_MATRIX, _COLOR_TRANSFER, _COLOR_PRIMARIES = range(0x2000C, 0x20010)
_MEDIA_VIDEO, _MEDIA_RAW, _VIDEO_YUY2 = 2, 1, 4
_LIMITED, _MATRIX_BT601, _TRANSFER_BT709, _PRIMARIES_SMPTE170M = 2, 4, 5, 4
_MEMFD, _MEMPTR = 1 << 2, 1 << 1


def yuyv_format(size: Size, rate_hz: Fraction) -> bytes:
    """The only offered format: webcams have it, so all programs with cameras accept it.

    All viewers of a node get the same format, and OBS shares no other with browsers. The colour
    space is included, because programs otherwise assume BT.709 for large pictures.
    """
    height, width = size
    properties = {
        _MEDIA_TYPE: _id(_MEDIA_VIDEO),
        _MEDIA_SUBTYPE: _id(_MEDIA_RAW),
        _VIDEO_FORMAT: _id(_VIDEO_YUY2),
        _VIDEO_SIZE: _pod(_RECTANGLE, struct.pack("=II", width, height)),
        _VIDEO_FRAMERATE: _pod(
            _FRACTION, struct.pack("=II", rate_hz.numerator, rate_hz.denominator)
        ),
        _COLOR_RANGE: _id(_LIMITED),
        _COLOR_MATRIX: _id(_MATRIX_BT601),
        _COLOR_TRANSFER: _id(_TRANSFER_BT709),
        _COLOR_PRIMARIES: _id(_PRIMARIES_SMPTE170M),
    }
    return _object(_FORMAT, PARAM_ENUM_FORMAT, properties)


def buffers(byte_count: int, stride: int) -> bytes:
    """Requirements for buffers: one block of shared memory each; 2 to 8 buffers, preferably 4."""
    count = struct.pack("=IIII3i", _CHOICE_RANGE, 0, 4, _INT, 4, 2, 8)
    values = [_pod(_CHOICE, count), _int(1), _int(byte_count), _int(stride)]
    properties = {**dict(enumerate(values, start=1)), 6: _int(_MEMFD | _MEMPTR)}
    return _object(_BUFFERS, PARAM_BUFFERS, properties)


def header_meta() -> bytes:
    """Requests a header with time and number for each buffer."""
    return _object(_META, PARAM_META, {1: _id(META_HEADER), 2: _int(META_HEADER_BYTES)})


def _pod(kind: int, body: bytes) -> bytes:
    return struct.pack("=II", len(body), kind) + body + bytes(-len(body) % 8)


def _id(value: int) -> bytes:
    return _pod(_ID, struct.pack("=I", value))


def _int(value: int) -> bytes:
    return _pod(_INT, struct.pack("=i", value))


def _object(kind: int, parameter: int, properties: dict[int, bytes]) -> bytes:
    body = b"".join(struct.pack("=II", key, 0) + value for key, value in properties.items())
    return _pod(_OBJECT, struct.pack("=II", kind, parameter) + body)
