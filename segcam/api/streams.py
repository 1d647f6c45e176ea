"""Connections that last until one side ends them: subscriptions and the preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segcam.api import transport
from segcam.api.messages import Counters, State, not_understood, told
from segcam.api.transport import Connection
from segcam.errors import DaemonError, from_dict

TICK_S = 10.0
"""A subscriber gets a message each second; after this silence the other side hangs."""
ANSWER_S = 15.0


def answer_of(reply: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in a reply.

    Raises:
        SegCamError: The reply is an error.
    """
    error, answer = reply.get("error"), reply.get("answer")
    if isinstance(error, dict):
        raise from_dict(error)
    if not isinstance(answer, dict):
        raise not_understood("the answer is missing")
    return answer


class Subscription:
    """Messages of the running SegCam: changed states, and counters once a second.

    ``for told in subscription`` ends when the other side ends, or when another thread calls
    `close`; it raises `DaemonError` if the other side hangs. `fileno` can be used with select.

    Args:
        connection: Owned.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._closed = False

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[State | Counters]:
        while (news := self.read()) is not None:
            yield news

    def fileno(self) -> int:
        """The descriptor that becomes readable with a message."""
        return self._connection.fileno()

    def read(self, timeout_s: float = TICK_S) -> State | Counters | None:
        """Wait for the next message. None: the other side has ended.

        Raises:
            DaemonError: Nothing came in time, or the message is invalid.
        """
        if self._closed:
            return None
        try:
            message = transport.receive(self._connection, timeout_s)
        except DaemonError as error:
            if self._closed or isinstance(error.__cause__, EOFError | ConnectionError):
                return None
            raise
        if "error" in message:
            answer_of(message)
        return told(message)

    def close(self) -> None:
        """End the subscription. May be called twice, and while another thread reads."""
        if not self._closed:
            self._closed = True
            transport.cut(self._connection)
            self._connection.close()


class Watch:
    """A viewer of the preview while it is open; see `segcam.api.preview`.

    Args:
        connection: Owned.
        raw: Whether the request was for the picture without effect.

    Attributes:
        path: Path of the preview's memory, or its descriptor if it has no name.

    Raises:
        SegCamError: The request was refused or not answered; the connection is closed.
    """

    def __init__(self, connection: Connection, raw: bool = False) -> None:
        self._connection = connection
        try:
            self.path = self._answered(raw)
        except BaseException:
            connection.close()
            raise

    def _answered(self, raw: bool) -> str | int:
        answer = answer_of(transport.receive(self._connection, ANSWER_S))
        preview = answer.get("preview")
        if not isinstance(preview, dict):
            raise not_understood("the preview is missing")
        path = str(preview.get("path"))
        return transport.take_over(self._connection, ANSWER_S) if raw and not path else path

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ended(self) -> bool:
        """Whether the running SegCam has ended, since it sends nothing here."""
        try:
            return transport.is_readable(self._connection)
        except OSError:
            return True

    def close(self) -> None:
        """Stop watching. May be called twice."""
        self._connection.close()
