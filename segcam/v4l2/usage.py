"""Detects programs that read a v4l2loopback device to which SegCam writes.

From 0.13 on, the driver tells its writer when readers start and stop streaming. 0.12 does not. For
it, the kernel counts the opens of all of the module's devices, and /proc shows which device each
program has open.
"""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from segcam.v4l2 import abi
from segcam.v4l2.device import Device
from segcam.v4l2.nodes import loopback_nodes, open_nodes

_CLIENT_USAGE = abi.EVENT_PRIVATE_START + 0x08E00001
"""Source: v4l2loopback.c from 0.13.0 on, V4L2_EVENT_PRI_CLIENT_USAGE."""
_OPENED = Path("/sys/module/v4l2loopback/refcnt")
PROBE_S = 0.3
"""A shorter open is a probe, not a viewer."""


class Usage(Protocol):
    """Detects reading programs."""

    def in_use(self) -> bool:
        """Whether a program reads now. Cheap.

        Raises:
            OSError: The device is gone.
        """

    def notify(self, wake: Callable[[], object]) -> bool:
        """Call ``wake``, on a thread, whenever `in_use` may have changed. False: unsupported."""

    def close(self) -> None:
        """Stop notifying. Call before closing the device."""


def usage_of(device: Device) -> Usage:
    """The best method that the device's driver supports.

    Args:
        device: Open for writing. Borrowed.
    """
    try:
        return StreamingReaders(device)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTTY):
            raise
        return OpenDevices(device.path)


class StreamingReaders:
    """Detects readers by the driver's event; counts no probes and no programs that ``read()``.

    Raises:
        OSError: EINVAL if the driver is too old.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._count = 0
        self._asked = threading.Event()
        self._stop_fd = -1
        self._thread = threading.Thread()
        device.subscribe(_CLIENT_USAGE)

    def in_use(self) -> bool:
        """See `Usage.in_use`."""
        while (event := self._device.next_event()) is not None:
            if event.type == _CLIENT_USAGE:
                self._count = event.data[0]
        self._asked.set()
        return self._count > 0

    def notify(self, wake: Callable[[], object]) -> bool:
        """See `Usage.notify`."""
        self.close()
        self._stop_fd = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(
            target=self._follow, args=(wake,), name="segcam-usage", daemon=True
        )
        self._thread.start()
        return True

    def _follow(self, wake: Callable[[], object]) -> None:
        waiting = select.poll()
        waiting.register(self._device.fd, select.POLLPRI)
        waiting.register(self._stop_fd, select.POLLIN)
        while self._stop_fd not in (ready := dict(waiting.poll())):
            wake()
            self._asked.wait(1)  # the event stays pending until `in_use` reads it
            self._asked.clear()
            if not ready[self._device.fd] & select.POLLPRI:  # an error, which would repeat
                time.sleep(PROBE_S)

    def close(self) -> None:
        """See `Usage.close`."""
        if self._stop_fd < 0:
            return
        os.eventfd_write(self._stop_fd, 1)
        self._asked.set()
        self._thread.join()
        os.close(self._stop_fd)
        self._stop_fd = -1


class OpenDevices:
    """Detects readers from the module's open count, which includes our own handle.

    Args:
        path: The device.
        counter: The kernel's file with that count; if it is unreadable, the device counts as in
            use.
    """

    def __init__(self, path: str, counter: Path = _OPENED) -> None:
        self._path = os.path.realpath(path)
        self._counter = counter
        self._count = self._read()
        self._since_s = float("-inf")  # a program that opened it before SegCam is a viewer
        self._looked = False
        self._in_use = False

    def in_use(self) -> bool:
        """See `Usage.in_use`. A program counts after PROBE_S."""
        count, now_s = self._read(), time.monotonic()
        if count != self._count:
            self._count, self._since_s, self._looked = count, now_s, False
        if count <= 1:
            self._in_use = False
        elif not self._looked and now_s - self._since_s >= PROBE_S:
            self._looked = True
            self._look(count)
        return self._in_use

    def notify(self, wake: Callable[[], object]) -> bool:  # noqa: ARG002
        """See `Usage.notify`."""
        return False

    def close(self) -> None:
        """See `Usage.close`."""

    def _read(self) -> int:
        try:
            return int(self._counter.read_bytes())
        except OSError:
            return 2

    def _look(self, count: int) -> None:
        """Find out which device was opened or closed."""
        others = [path for path in loopback_nodes() if path != self._path]
        if not others:
            self._in_use = True
            return
        # On another thread, since the picture must not wait for a search of /proc.
        threading.Thread(target=self._search, args=(count, others), daemon=True).start()

    def _search(self, count: int, others: list[str]) -> None:
        held = list(open_nodes([self._path, *others]))
        here = [holder for holder in held if holder.path == self._path]
        elsewhere = len(held) - len(here)
        # The others belong to users whose descriptors are not visible.
        hidden = count > 1 + elsewhere
        self._in_use = hidden or any(holder.pid != os.getpid() for holder in here)
