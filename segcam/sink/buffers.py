"""The shared memory in which a PipeWire stream's frames travel.

PipeWire keeps a counter beside each buffer: how many programs read it. A program that is killed,
or cut off when WirePlumber restarts, never counts down again: its buffers would be lost while
anybody watches. A slow program holds all of them. Neither may cost the others a frame, so when too
few are free, a buffer is taken back that a healthy program has read by now.

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
    """Which of a stream's buffers may be written. On PipeWire's thread, or while it is locked."""

    def __init__(self) -> None:
        self._busy: dict[int, pw.Busy] = {}
        """The counter of each buffer, by address; the buffer that was sent last comes last."""

    def add(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """PipeWire has allocated this one."""
        self._busy[_address(buffer)] = _busy(buffer.contents.buffer.contents)

    def remove(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """PipeWire is about to free this one."""
        self._busy.pop(_address(buffer), None)

    def nobody_reads(self) -> None:
        """Free all: no program is left that watches."""
        for busy in self._busy.values():
            busy.count = 0

    def take(self, dequeue: Dequeue) -> ctypes._Pointer[pw.Buffer] | None:
        """A buffer to write into.

        Args:
            dequeue: Gives the next buffer that PipeWire has back, or null where that one is still
                read; each call tries another one.

        Returns:
            None where PipeWire has none back.
        """
        self._keep_half_going_round()
        for _ in range(len(self._busy)):
            buffer = dequeue()
            if buffer:
                # A program that was taken for dead may count down late: then only we are left.
                self._busy[_address(buffer)].count = 1
                return buffer
        return None

    def sent(self, buffer: ctypes._Pointer[pw.Buffer]) -> None:
        """This one is on its way."""
        address = _address(buffer)
        self._busy[address] = self._busy.pop(address)

    def _keep_half_going_round(self) -> None:
        """Where the older half of the sent buffers is all held, free the newest of that half.

        A healthy program has read it by now. A slow one reads in order, so it reaches this one last
        and then sees a newer picture. The newer half stays untouched: GStreamer loses a buffer that
        returns to it before it has released it.
        """
        older = list(self._busy.values())[: -(len(self._busy) // 2) or None]
        if older and all(busy.count for busy in older):
            older[-1].count = 0


def fill(buffer: ctypes._Pointer[pw.Buffer], frame: Frame, number: int) -> None:
    """Write a frame into a buffer that was taken, as YUYV, its time and number beside it."""
    inner = buffer.contents.buffer.contents
    block = inner.datas[0]
    height, width = frame.size
    size = 2 * height * width
    if not block.data or block.maxsize < size:  # a client that wants other memory than was offered
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
    return pw.Busy()  # the other side counts nothing: nobody holds a buffer back
