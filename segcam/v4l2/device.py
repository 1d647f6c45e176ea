"""An open V4L2 node: formats, buffers, streaming.

Failures are OSError; the stages convert them to SegCam's errors.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from segcam.frame import Size
from segcam.v4l2 import abi

_Entry = TypeVar("_Entry", abi.FmtDesc, abi.FrmSizeEnum, abi.FrmIvalEnum)


@dataclass(frozen=True, slots=True)
class Identity:
    """A device's identity, and whether it can capture or output pictures now."""

    driver: str
    label: str
    bus: str
    captures: bool
    outputs: bool


@dataclass(frozen=True, slots=True)
class Mode:
    """A pixel format and size that a device offers, with its frame rates, fastest first."""

    fourcc: str
    size: Size
    rates_hz: tuple[Fraction, ...]


class Device:
    """A V4L2 node, open until ``close``. For one thread."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the node. May be called twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def identity(self) -> Identity:
        """The device's identity."""
        caps = abi.Capability()
        self._ioctl(abi.QUERYCAP, caps)
        own = caps.capabilities & abi.CAP_DEVICE_CAPS
        able = caps.device_caps if own else caps.capabilities
        return Identity(
            driver=caps.driver.decode("utf-8", "replace"),
            label=caps.card.decode("utf-8", "replace"),
            bus=caps.bus_info.decode("utf-8", "replace"),
            captures=bool(able & abi.CAP_VIDEO_CAPTURE and able & abi.CAP_STREAMING),
            outputs=bool(able & abi.CAP_VIDEO_OUTPUT),
        )

    def modes(self, *near: Size) -> Iterator[Mode]:
        """The modes for capture, in the driver's order.

        Args:
            near: If a driver offers a range of sizes, list those closest to these.
        """
        for desc in self._enumerate(abi.ENUM_FMT, abi.FmtDesc, type=abi.BUF_TYPE_VIDEO_CAPTURE):
            form = desc.pixelformat
            sizes = self._enumerate(abi.ENUM_FRAMESIZES, abi.FrmSizeEnum, pixel_format=form)
            for height, width in dict.fromkeys(_size_of(e, size) for e in sizes for size in near):
                rates = self._rates_hz(form, height, width)
                yield Mode(abi.fourcc_name(form), (height, width), rates)

    def _rates_hz(self, form: int, height: int, width: int) -> tuple[Fraction, ...]:
        found = set()
        for interval in self._enumerate(
            abi.ENUM_FRAMEINTERVALS, abi.FrmIvalEnum, pixel_format=form, width=width, height=height
        ):
            ends = [interval.min]
            if interval.type != abi.FRMIVAL_TYPE_DISCRETE:
                ends.append(interval.max)
            found |= {Fraction(e.denominator, e.numerator) for e in ends if e.numerator}
        return tuple(sorted(found, reverse=True))

    def get_format(self, kind: int) -> abi.PixFormat:
        """The current format for capture or output (an ``abi.BUF_TYPE_``)."""
        form = abi.Format(type=kind)
        self._ioctl(abi.G_FMT, form)
        return _copy(form.pix)

    def set_format(self, kind: int, wanted: abi.PixFormat) -> abi.PixFormat:
        """Request a format; the driver's answer may differ in every field."""
        form = abi.Format(type=kind)
        form.pix = wanted
        self._ioctl(abi.S_FMT, form)
        return _copy(form.pix)

    def set_rate(self, kind: int, rate_hz: Fraction) -> Fraction:
        """Request a frame rate; returns the driver's, or the requested one if unknown."""
        parm = abi.StreamParm(type=kind)
        parm.timeperframe = abi.Fract(rate_hz.denominator, rate_hz.numerator)
        self._ioctl(abi.S_PARM, parm)
        told = parm.timeperframe
        if not told.numerator or not told.denominator:
            return rate_hz
        return Fraction(told.denominator, told.numerator)

    def set_control(self, control: int, value: int) -> None:
        """Set a control."""
        self._ioctl(abi.S_CTRL, abi.Control(control, value))

    def request_buffers(self, kind: int, count: int) -> int:
        """Request buffers to map, 0 to free them; returns their number."""
        request = abi.RequestBuffers(count, kind, abi.MEMORY_MMAP)
        self._ioctl(abi.REQBUFS, request)
        return int(request.count)

    def map_buffer(self, kind: int, index: int) -> mmap.mmap:
        """The memory of a requested buffer, owned by the caller."""
        buffer = abi.Buffer(index=index, type=kind, memory=abi.MEMORY_MMAP)
        self._ioctl(abi.QUERYBUF, buffer)
        return mmap.mmap(self.fd, buffer.length, mmap.MAP_SHARED, offset=buffer.offset & 0xFFFFFFFF)

    def queue(self, kind: int, index: int) -> None:
        """Hand a buffer to the driver."""
        self._ioctl(abi.QBUF, abi.Buffer(index=index, type=kind, memory=abi.MEMORY_MMAP))

    def dequeue(self, kind: int) -> abi.Buffer | None:
        """Take back a finished buffer, None if there is none yet."""
        buffer = abi.Buffer(type=kind, memory=abi.MEMORY_MMAP)
        try:
            self._ioctl(abi.DQBUF, buffer)
        except BlockingIOError:
            return None
        return buffer

    def stream_on(self, kind: int) -> None:
        """Start."""
        self._ioctl(abi.STREAMON, ctypes.c_int32(kind))

    def stream_off(self, kind: int) -> None:
        """Stop; all queued buffers return unused."""
        self._ioctl(abi.STREAMOFF, ctypes.c_int32(kind))

    def subscribe(self, kind: int) -> None:
        """Subscribe to events of this kind; the first one is the current state."""
        wish = abi.EventSubscription(type=kind, flags=abi.EVENT_SUB_FL_SEND_INITIAL)
        self._ioctl(abi.SUBSCRIBE_EVENT, wish)

    def next_event(self) -> abi.Event | None:
        """The oldest pending event, None if there is none."""
        event = abi.Event()
        try:
            self._ioctl(abi.DQEVENT, event)
        except FileNotFoundError:
            return None
        return event

    def _enumerate(self, request: int, kind: type[_Entry], **fields: int) -> Iterator[_Entry]:
        index = 0
        while True:
            entry = kind(index=index, **fields)
            try:
                self._ioctl(request, entry)
            except OSError as error:
                if error.errno in (errno.EINVAL, errno.ENOTTY):  # the end of the list, or no list
                    return
                raise
            yield entry
            index += 1

    def _ioctl(self, request: int, argument: ctypes.Structure | ctypes.c_int32) -> None:
        fcntl.ioctl(self.fd, request, argument)


def _size_of(entry: abi.FrmSizeEnum, near: Size) -> Size:
    span = entry.stepwise
    if entry.type == abi.FRMSIZE_TYPE_DISCRETE:
        return span.max_width, span.min_width  # (H, W): the second field is the height
    return (
        _clamp(near[0], span.min_height, span.max_height, span.step_height),
        _clamp(near[1], span.min_width, span.max_width, span.step_width),
    )


def _clamp(value: int, low: int, high: int, step: int) -> int:
    value = min(max(value, low), high)
    return int(low + (value - low) // max(step, 1) * max(step, 1))


def _copy(pix: abi.PixFormat) -> abi.PixFormat:
    """A copy of ``pix``, independent of the union that contains it."""
    return abi.PixFormat.from_buffer_copy(pix)
