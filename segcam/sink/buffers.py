"""The shared-memory buffers of a PipeWire stream.

PipeWire keeps a counter of readers for each buffer. A program that is killed, or disconnected by a
restart of WirePlumber, never counts down again, so its buffers would be lost while anybody watches.
A slow program holds all of them. Neither may cost the others a frame. So when too few buffers are
free, SegCam takes one back that a healthy program must have read by now.

Source: pipewire/stream.c (0.3.65 to 1.4) and spa/buffer/meta.h, SPA_META_Busy.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

import numpy as np

from segcam.color import i420_to_yuyv
from segcam.frame import Frame
from segcam.sink import libpipewire as pw
from segcam.sink import spa

Dequeue = Callable[[], "ctypes._Pointer[pw.Buffer]"]


class Buffers:
    """Knows which buffers may be written. Use on PipeWire's thread, or while it is locked."""

    def __init__(self) -> None:
        self._busy: dict[int, pw.Busy] = {}
        """The counter of each buffer, by address; the last one sent comes last."""

    def add(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """Register a buffer that PipeWire has allocated."""
        self._busy[_address(buffer)] = _busy(buffer.contents.buffer.contents)

    def remove(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """Forget a buffer that PipeWire is about to free."""
        self._busy.pop(_address(buffer), None)

    def nobody_reads(self) -> None:
        """Free all buffers, because no program watches any more."""
        for busy in self._busy.values():
            busy.count = 0

    def take(self, dequeue: Dequeue) -> ctypes._Pointer[pw.Buffer] | None:
        """A buffer to write into.

        Args:
            dequeue: Gives the next buffer that PipeWire has back, or null if it is still being
                read; each call tries another one.

        Returns:
            None if PipeWire has none back.
        """
        self._keep_half_going_round()
        for _ in range(len(self._busy)):
            buffer = dequeue()
            if buffer:
                # A program that was thought dead may count down late; then only SegCam counts.
                self._busy[_address(buffer)].count = 1
                return buffer
        return None

    def sent(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """Record that this buffer was sent."""
        address = _address(buffer)
        self._busy[address] = self._busy.pop(address)

    def _keep_half_going_round(self) -> None:
        """If all of the older half of the sent buffers are held, free the newest of them.

        A healthy program has read it by now. A slow one reads in order, so it reaches this one last
        and then sees a newer picture. The newer half is not touched: GStreamer loses a buffer that
        comes again before it has released it.
        """
        older = list(self._busy.values())[: -(len(self._busy) // 2) or None]
        if older and all(busy.count for busy in older):
            older[-1].count = 0


def fill(buffer: ctypes._Pointer[pw.Buffer], frame: Frame, number: int) -> None:
    """Write a frame into a taken buffer, as YUYV, with its time and number."""
    inner = buffer.contents.buffer.contents
    block = inner.datas[0]
    height, width = frame.size
    size = 2 * height * width
    if not block.data or block.maxsize < size:  # a client that wants a different kind of memory
        return
    memory = (ctypes.c_uint8 * size).from_address(block.data)
    i420_to_yuyv(frame, np.ctypeslib.as_array(memory).reshape(height, width, 2))
    chunk = block.chunk.contents
    chunk.offset, chunk.size, chunk.stride, chunk.flags = 0, size, 2 * width, 0
    for meta in inner.metas[: inner.n_metas]:
        if meta.type == spa.META_HEADER:
            header = pw.Header.from_address(meta.data)
            header.flags, header.offset, header.dts_offset = 0, 0, 0
            header.pts, header.seq = time.monotonic_ns(), number


def _address(buffer: ctypes._Pointer[pw.Buffer]) -> int:
    return ctypes.addressof(buffer.contents)


def _busy(buffer: pw.SpaBuffer) -> pw.Busy:
    for meta in buffer.metas[: buffer.n_metas]:
        if meta.type == spa.META_BUSY:
            return pw.Busy.from_address(meta.data)
    return pw.Busy()  # the other side has no counters, so nobody holds buffers
