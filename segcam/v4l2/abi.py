"""The kernel's structures and request numbers for 64-bit Linux.

Only what SegCam uses. Names follow the kernel's without their prefix.
Source: Linux UAPI, include/uapi/linux/videodev2.h; asm-generic/ioctl.h for the numbers.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_int32, c_int64, c_uint8, c_uint32

CAP_VIDEO_CAPTURE = 0x00000001
CAP_VIDEO_OUTPUT = 0x00000002
CAP_STREAMING = 0x04000000
CAP_DEVICE_CAPS = 0x80000000

BUF_TYPE_VIDEO_CAPTURE = 1
BUF_TYPE_VIDEO_OUTPUT = 2
MEMORY_MMAP = 1
FIELD_NONE = 1
BUF_FLAG_ERROR = 0x00000040
BUF_FLAG_TIMESTAMP_MASK = 0x0000E000
BUF_FLAG_TIMESTAMP_MONOTONIC = 0x00002000

EVENT_PRIVATE_START = 0x08000000
EVENT_SUB_FL_SEND_INITIAL = 0x0001

FRMSIZE_TYPE_DISCRETE = 1
FRMIVAL_TYPE_DISCRETE = 1
COLORSPACE_SMPTE170M = 1
YCBCR_ENC_601 = 1
YCBCR_ENC_709 = 2
QUANTIZATION_FULL_RANGE = 1
QUANTIZATION_LIM_RANGE = 2
XFER_FUNC_709 = 1


class Fract(ctypes.Structure):
    """A fraction; of a second for frame intervals."""

    _fields_ = (("numerator", c_uint32), ("denominator", c_uint32))


class Capability(ctypes.Structure):
    """A device's identity and capabilities."""

    _fields_ = (
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FmtDesc(ctypes.Structure):
    """One pixel format of a device."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FrmSizeStepwise(ctypes.Structure):
    """A range of sizes. A discrete size overlays it with width and height in the first two."""

    _fields_ = (
        ("min_width", c_uint32),
        ("max_width", c_uint32),
        ("step_width", c_uint32),
        ("min_height", c_uint32),
        ("max_height", c_uint32),
        ("step_height", c_uint32),
    )


class FrmSizeEnum(ctypes.Structure):
    """One size, or range of sizes, of a pixel format."""

    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("stepwise", FrmSizeStepwise),
        ("reserved", c_uint32 * 2),
    )


class FrmIvalEnum(ctypes.Structure):
    """One frame interval of a size, or a range, in which ``min`` is the shortest."""

    _fields_ = (
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("min", Fract),
        ("max", Fract),
        ("step", Fract),
        ("reserved", c_uint32 * 2),
    )


class PixFormat(ctypes.Structure):
    """Layout and colours of a picture."""

    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    )


class _FormatUnion(ctypes.Union):
    # The pointer represents members that align the kernel's union to 8 bytes.
    _fields_ = (("pix", PixFormat), ("raw", c_uint8 * 200), ("align", ctypes.c_void_p))


class Format(ctypes.Structure):
    """A PixFormat for one direction."""

    _anonymous_ = ("fmt",)
    _fields_ = (("type", c_uint32), ("fmt", _FormatUnion))


class StreamParm(ctypes.Structure):
    """The frame interval. Capture and output differ only in fields that are not used here."""

    _fields_ = (
        ("type", c_uint32),
        ("capability", c_uint32),
        ("mode", c_uint32),
        ("timeperframe", Fract),
        ("raw", c_uint8 * 184),
    )


class RequestBuffers(ctypes.Structure):
    """The number of buffers to allocate; the answer is the actual number."""

    _fields_ = (
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    )


class Buffer(ctypes.Structure):
    """One buffer, exchanged between driver and program."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp_s", c_int64),
        ("timestamp_us", c_int64),
        ("timecode", c_uint32 * 4),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("offset", ctypes.c_uint64),  # a union of pointer size, with the offset in its low half
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_int32),
    )


class Control(ctypes.Structure):
    """A control's new value."""

    _fields_ = (("id", c_uint32), ("value", c_int32))


class EventSubscription(ctypes.Structure):
    """The events to subscribe to."""

    _fields_ = (
        ("type", c_uint32),
        ("id", c_uint32),
        ("flags", c_uint32),
        ("reserved", c_uint32 * 5),
    )


class Event(ctypes.Structure):
    """An event of a device. The data of a private event starts with a number."""

    _fields_ = (
        ("type", c_uint32),
        ("align", c_uint32),
        ("data", c_uint32 * 16),
        ("pending", c_uint32),
        ("sequence", c_uint32),
        ("timestamp_s", c_int64),
        ("timestamp_ns", c_int64),
        ("id", c_uint32),
        ("reserved", c_uint32 * 8),
    )


_READ, _WRITE = 2, 1


def _request(direction: int, number: int, argument: type) -> int:
    return direction << 30 | ctypes.sizeof(argument) << 16 | ord("V") << 8 | number


QUERYCAP = _request(_READ, 0, Capability)
ENUM_FMT = _request(_READ | _WRITE, 2, FmtDesc)
G_FMT = _request(_READ | _WRITE, 4, Format)
S_FMT = _request(_READ | _WRITE, 5, Format)
REQBUFS = _request(_READ | _WRITE, 8, RequestBuffers)
QUERYBUF = _request(_READ | _WRITE, 9, Buffer)
QBUF = _request(_READ | _WRITE, 15, Buffer)
DQBUF = _request(_READ | _WRITE, 17, Buffer)
STREAMON = _request(_WRITE, 18, c_int32)
STREAMOFF = _request(_WRITE, 19, c_int32)
S_PARM = _request(_READ | _WRITE, 22, StreamParm)
S_CTRL = _request(_READ | _WRITE, 28, Control)
ENUM_FRAMESIZES = _request(_READ | _WRITE, 74, FrmSizeEnum)
ENUM_FRAMEINTERVALS = _request(_READ | _WRITE, 75, FrmIvalEnum)
DQEVENT = _request(_READ, 89, Event)
SUBSCRIBE_EVENT = _request(_WRITE, 90, EventSubscription)


def fourcc(name: str) -> int:
    """A pixel format's number from its four letters."""
    return int.from_bytes(name.encode("ascii"), "little")


def fourcc_name(number: int) -> str:
    """A pixel format's four letters; the highest bit says big-endian."""
    letters = (number & 0x7FFFFFFF).to_bytes(4, "little").decode("ascii", "replace").rstrip()
    return f"{letters}-BE" if number >> 31 else letters
