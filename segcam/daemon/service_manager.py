"""Tells systemd that SegCam has started, goes on, and ends; nothing where it did not start SegCam.

Source: the manual page sd_notify(3).
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from contextlib import suppress

log = logging.getLogger(__name__)


class ServiceManager:
    """The socket that systemd gives a service of ``Type=notify``."""

    def __init__(self) -> None:
        # Not for children: they are no services.
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        self._watches = bool(os.environ.pop("WATCHDOG_USEC", ""))
        os.environ.pop("WATCHDOG_PID", None)

    def ready(self, text: str) -> None:
        """SegCam answers, and its camera is there."""
        self._tell(f"READY=1\nSTATUS={text}")

    def alive(self, healthy: bool) -> None:
        """Once a second. Not ``healthy`` for long: systemd's time runs out, it starts us anew."""
        if self._watches and healthy:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """SegCam ends."""
        self._tell("STOPPING=1")

    def _tell(self, text: str) -> None:
        if sys.platform == "win32" or not self._address:
            return
        address = self._address
        if address[0] == "@":  # a name of the kernel's, not of a file
            address = "\0" + address[1:]
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as plain:
            plain.settimeout(1.0)
            plain.sendto(text.encode(), address)
