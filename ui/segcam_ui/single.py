"""One window for each user: a second start raises the first one's."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Client, Connection

from PySide6.QtCore import QObject, Signal

from segcam.api import transport
from segcam.api.folder import runtime_folder

WAIT_S = 1.0
ACTIVATION = "XDG_ACTIVATION_TOKEN"
"""The desktop's permission to take the focus, given to the program that the user has started."""
_MAX_BYTES = 4096


class Single(QObject):
    """The place where later starts knock.

    Signals:
        knocked: Another start: page, and the token that lets the window take the focus.
    """

    knocked = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closing = False

    def knock(self, page: str) -> bool:
        """Have the first one show itself.

        Args:
            page: To be opened; "" leaves it as it is.

        Returns:
            Whether there is one.
        """
        word = {"page": page, "token": os.environ.get(ACTIVATION, "")}
        try:
            with Client(_address()) as connection:
                connection.send_bytes(json.dumps(word).encode())
                return connection.poll(WAIT_S)
        except (OSError, EOFError):
            return False

    def listen(self) -> None:
        """Be the first one; what a killed one left behind is cleared away."""
        self._listener = transport.listen(_address())
        threading.Thread(target=self._serve, name="ui knocks", daemon=True).start()

    def close(self) -> None:
        """Be it no more."""
        self._closing = True
        self.knock("")  # the thread returns
        self._listener.close()

    def _serve(self) -> None:
        while not self._closing:
            with suppress(OSError, EOFError), transport.accept(self._listener) as connection:
                self._answer(connection)

    def _answer(self, connection: Connection) -> None:
        if not connection.poll(WAIT_S):
            return
        try:
            word = json.loads(connection.recv_bytes(_MAX_BYTES))
            page, token = str(word["page"]), str(word["token"])
        except (ValueError, KeyError, TypeError):
            return  # not one of ours
        connection.send_bytes(b"ok")
        if not self._closing:
            self.knocked.emit(page, token)


def _address() -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\segcam-window-{os.environ.get('USERNAME', 'user')}"
    return str(runtime_folder() / "window")
