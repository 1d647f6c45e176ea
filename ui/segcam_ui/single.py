"""One window for each user: a second start raises the first one's."""

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
"""The desktop's permission to take the focus, given to the program that the user has started."""


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
            with transport.reach(_address(), WAIT_S) as connection:
                transport.send(connection, word, WAIT_S)
                return transport.is_readable(connection, WAIT_S)
        except (OSError, SegCamError):
            return False

    def listen(self) -> None:
        """Be the first one; what a killed one left behind is cleared away."""
        self._listener = transport.listen(_address())
        threading.Thread(target=self._serve, name="ui knocks", daemon=True).start()

    def close(self) -> None:
        """Be it no more."""
        self._closing = True
        self.knock("")  # the thread returns
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
