"""One window per user: a second start raises the first window."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from segcam.api import transport
from segcam.api.folder import runtime_folder
from segcam.api.transport import Connection
from segcam.errors import SegCamError

WAIT_S = 1.0
ACTIVATION = "XDG_ACTIVATION_TOKEN"
"""The desktop's permission to take the focus, for the program that the user has started."""


class Single(QObject):
    """The socket through which later starts reach the first one.

    Signals:
        knocked: Another start, with its page and the token for taking the focus.
    """

    knocked = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closing = False

    def knock(self, page: str) -> bool:
        """Ask the first one to show its window.

        Args:
            page: The page to open; "" for no change.

        Returns:
            Whether there is a first one.
        """
        word = {"page": page, "token": os.environ.get(ACTIVATION, "")}
        try:
            with transport.reach(_address(), WAIT_S) as connection:
                transport.send(connection, word, WAIT_S)
                return transport.is_readable(connection, WAIT_S)
        except (OSError, SegCamError):
            return False

    def listen(self) -> None:
        """Become the first one, removing a stale socket."""
        self._listener = transport.listen(_address())
        threading.Thread(target=self._serve, name="ui knocks", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._closing = True
        self.knock("")  # makes the thread return
        with suppress(OSError):  # somebody has removed the socket
            transport.leave(self._listener)

    def _serve(self) -> None:
        while not self._closing:
            with suppress(OSError, SegCamError), transport.accept(self._listener) as connection:
                self._answer(connection)

    def _answer(self, connection: Connection) -> None:
        word = transport.receive(connection, WAIT_S)
        page, token = word.get("page"), word.get("token")
        if not isinstance(page, str) or not isinstance(token, str):
            return  # not one of ours
        transport.send(connection, {"answer": {}}, WAIT_S)
        if not self._closing:
            self.knocked.emit(page, token)


def _address() -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\segcam-window-{os.environ.get('USERNAME', 'user')}"
    return str(runtime_folder() / "window")
