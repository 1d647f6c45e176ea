"""Tells systemd that SegCam has started, is alive, and ends, if systemd started it.

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
        # Hide it from children, which are not services.
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        self._watches = bool(os.environ.pop("WATCHDOG_USEC", ""))
        os.environ.pop("WATCHDOG_PID", None)

    def ready(self, text: str) -> None:
        """Report that SegCam answers clients and its camera exists."""
        self._tell(f"READY=1\nSTATUS={text}")

    def alive(self, healthy: bool) -> None:
        """Call once a second. If not ``healthy`` for long, systemd restarts SegCam."""
        if self._watches and healthy:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Report that SegCam is ending."""
        self._tell("STOPPING=1")

    def _tell(self, text: str) -> None:
        if sys.platform == "win32" or not self._address:
            return
        address = self._address
        if address[0] == "@":  # an abstract name, not a file
            address = "\0" + address[1:]
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as plain:
            plain.settimeout(1.0)
            plain.sendto(text.encode(), address)
