"""A V4L2 capture stream: mapped buffers, newest first, with waits that can be ended."""

from __future__ import annotations

import mmap
import select
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from segcam.v4l2 import abi
from segcam.v4l2.device import Device

_CAPTURE = abi.BUF_TYPE_VIDEO_CAPTURE
_BUFFERS = 4
"""One being filled, one being read, and two so that a late reader loses no frame."""


class Filled:
    """A filled buffer; it goes back to the driver when the ``with`` block ends.

    Attributes:
        data: The written part, a view of the driver's memory; released with the block.
        captured_ns: ``time.monotonic_ns()`` of the picture.
    """

    def __init__(self, device: Device, memory: mmap.mmap, buffer: abi.Buffer) -> None:
        self._device, self._index = device, buffer.index
        self.data = memoryview(memory)[: buffer.bytesused]
        self.captured_ns = time.monotonic_ns()
        stamp = buffer.flags & abi.BUF_FLAG_TIMESTAMP_MASK
        if stamp == abi.BUF_FLAG_TIMESTAMP_MONOTONIC:
            stamp_ns = buffer.timestamp_s * 1_000_000_000 + buffer.timestamp_us * 1000
            self.captured_ns = min(self.captured_ns, stamp_ns)  # some drivers round up

    def __enter__(self) -> Filled:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.data.release()
        self._device.queue(_CAPTURE, self._index)


class Stream:
    """A stream of a device whose format is set. Owns the device. For one thread.

    Args:
        device: Open; ``close`` closes it.
        wake_fd: An eventfd that ends a wait, from any thread.
        overtaken: Called with the content of each frame that a newer one replaces.

    Attributes:
        skipped: Frames that were replaced by a newer one, or incomplete.
    """

    def __init__(
        self, device: Device, wake_fd: int, overtaken: Callable[[memoryview], object] | None = None
    ) -> None:
        self._device = device
        self._overtaken = overtaken
        self._wake_fd = wake_fd
        self._memory: list[mmap.mmap] = []
        self._poll = select.poll()
        self._poll.register(device.fd, select.POLLIN)
        self._poll.register(wake_fd, select.POLLIN)
        self.skipped = 0

    def start(self) -> None:
        """Map the buffers and start the stream.

        Raises:
            OSError: The driver's error; EBUSY if another program streams.
        """
        for index in range(self._device.request_buffers(_CAPTURE, _BUFFERS)):
            self._memory.append(self._device.map_buffer(_CAPTURE, index))
            self._device.queue(_CAPTURE, index)
        self._device.stream_on(_CAPTURE)

    def newest(self, deadline_ns: int) -> Filled | None:
        """Wait for the newest picture; older ones are dropped.

        Args:
            deadline_ns: ``time.monotonic_ns()`` at which to give up.

        Returns:
            None when woken.

        Raises:
            TimeoutError: The deadline has passed.
            OSError: The camera is gone.
        """
        while True:
            left_ms = (deadline_ns - time.monotonic_ns()) / 1e6
            ready = dict(self._poll.poll(max(left_ms, 0)))
            if self._wake_fd in ready:
                return None
            if left_ms <= 0:
                raise TimeoutError
            if not ready:
                continue
            buffer = self._drain()
            if buffer is not None:
                return Filled(self._device, self._memory[buffer.index], buffer)
            if ready[self._device.fd] & (select.POLLERR | select.POLLHUP):
                raise OSError("the driver reports an error and no picture")

    def _drain(self) -> abi.Buffer | None:
        """The last complete buffer in the queue; the others go back to the driver."""
        newest = None
        while (buffer := self._device.dequeue(_CAPTURE)) is not None:
            if buffer.flags & abi.BUF_FLAG_ERROR or not buffer.bytesused:
                self._device.queue(_CAPTURE, buffer.index)
                self.skipped += 1
                continue
            if newest is not None:
                self._leave_out(newest)
            newest = buffer
        return newest

    def _leave_out(self, buffer: abi.Buffer) -> None:
        if self._overtaken is not None:
            with memoryview(self._memory[buffer.index])[: buffer.bytesused] as data:
                self._overtaken(data)
        self._device.queue(_CAPTURE, buffer.index)
        self.skipped += 1

    def close(self) -> None:
        """Stop, unmap and close the device. Never fails."""
        with suppress(OSError):
            self._device.stream_off(_CAPTURE)
        for memory in self._memory:
            memory.close()
        self._memory.clear()
        self._device.close()
