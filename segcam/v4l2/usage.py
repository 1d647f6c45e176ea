"""Whether programs read a v4l2loopback device that SegCam writes to.

From 0.13 on the driver tells its writer when a reader starts and stops to stream. 0.12 tells
nothing; there the kernel counts how often the module's devices are open, and /proc tells of whose.
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
    """Tells whether programs read."""

    def in_use(self) -> bool:
        """Whether one does now. Cheap.

        Raises:
            OSError: The device is gone.
        """

    def notify(self, wake: Callable[[], object]) -> bool:
        """Call ``wake``, from a thread, whenever the answer may have changed. False: it cannot."""

    def close(self) -> None:
        """Tell nothing more. Before the device is closed."""


def usage_of(device: Device) -> Usage:
    """The best way that the device's driver offers.

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
    """As the driver tells; programs that only look are not counted, nor those that ``read()``.

    Raises:
        OSError: EINVAL, the driver is too old.
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
            self._asked.wait(1)  # an event stays until `in_use` reads it
            self._asked.clear()
            if not ready[self._device.fd] & select.POLLPRI:  # an error: it stays
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
        counter: The kernel's file with that number; where it cannot be read, the device is always
            in use.
    """

    def __init__(self, path: str, counter: Path = _OPENED) -> None:
        self._path = os.path.realpath(path)
        self._counter = counter
        self._count = self._read()
        self._since_s = float("-inf")  # a program that was there before us is a viewer
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
        """Find out whose device it is that was opened or closed."""
        others = [path for path in loopback_nodes() if path != self._path]
        if not others:
            self._in_use = True
            return
        # On a thread of its own: the picture must not wait for a walk through /proc.
        threading.Thread(target=self._search, args=(count, others), daemon=True).start()

    def _search(self, count: int, others: list[str]) -> None:
        held = list(open_nodes([self._path, *others]))
        here = [holder for holder in held if holder.path == self._path]
        elsewhere = len(held) - len(here)
        # The rest belongs to users whose descriptors this one may not see.
        hidden = count > 1 + elsewhere
        self._in_use = hidden or any(holder.pid != os.getpid() for holder in here)
