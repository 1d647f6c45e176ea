"""Connects clients and the running SegCam: a local connection that only its user can reach.

Messages are bytes; nothing is ever unpickled. Only `segcam.api.unix_socket` and
`segcam.api.named_pipe` depend on the operating system.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from segcam.api.messages import MAX_BYTES, decode, encode
from segcam.errors import DaemonError, DaemonNotRunning, UsageError

if sys.platform == "win32":
    from segcam.api import named_pipe as _way
else:
    from segcam.api import unix_socket as _way

Connection: TypeAlias = _way.Connection
Listener: TypeAlias = _way.Listener

ANSWER_S = 3.0
"""Longest wait for the other side: an answer takes milliseconds."""


def address(name: str = "") -> str:
    """The address of this user's SegCam of this name.

    Raises:
        DaemonError: There is no folder that belongs only to this user.
        UsageError: ``name`` is not a valid name, or too long for a socket there.
    """
    check_name(name)
    return _way.address(f"-{name}" if name else "")


def check_name(name: str) -> None:
    """Refuse a name that cannot be part of a file name.

    Raises:
        UsageError: It is too long, or has other characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,32}", name):
        raise UsageError(
            f"{name!r} is not a valid name for a SegCam",
            "",
            "Use up to 32 letters, digits, hyphens and underscores: --name office",
        )


def names() -> list[str]:
    """Names of SegCams that may answer, "" for the usual one; some may have been killed."""
    return sorted(ending[1:] for ending in _way.endings() if not ending or ending[0] == "-")


def listen(where: str, backlog: int = 1) -> Listener:
    """Listen there, removing a killed SegCam's socket. The caller holds the lock.

    Raises:
        OSError: The system refuses.
    """
    return _way.listen(where, backlog)


def accept(listener: Listener) -> Connection:
    """The next client.

    Raises:
        OSError: There is none, or no free descriptor.
    """
    return _way.accept(listener)


def leave(listener: Listener) -> None:
    """Stop listening.

    Raises:
        OSError: Somebody has removed the socket.
    """
    _way.leave(listener)


def reach(where: str, timeout_s: float = ANSWER_S) -> Connection:
    """A connection to the listener.

    Raises:
        OSError: Nobody listens, or it takes too long.
    """
    return _way.connect(where, timeout_s)


def connect(timeout_s: float = ANSWER_S, name: str = "") -> Connection:
    """A connection to the running SegCam of that name.

    Raises:
        DaemonNotRunning: Nobody answers there.
        DaemonError: The connection was refused or takes too long.
    """
    try:
        return reach(address(name), timeout_s)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise not_running(name) from error
    except OSError as error:
        raise no_answer(error) from error


def not_running(name: str = "") -> DaemonNotRunning:
    """The error if nobody answers."""
    if name:
        return DaemonNotRunning(
            f"No SegCam named {name} is running", "", f"Start it: segcam run --name {name}"
        )
    return DaemonNotRunning("SegCam is not running", "", "Start it: segcam run")


def is_same_user(connection: Connection) -> bool:
    """Whether the other end belongs to this user or root; True if unknown."""
    return _way.is_same_user(connection)


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes: it gets an error at once."""
    with suppress(OSError):  # it has just ended already
        _way.cut(connection)


def is_readable(connection: Connection, timeout_s: float = 0) -> bool:
    """Whether data or the end of the other side can be read within ``timeout_s``.

    Raises:
        OSError: This side has ended the connection.
    """
    return _way.is_readable(connection, timeout_s)


def send(connection: Connection, message: Mapping[str, Any], timeout_s: float = ANSWER_S) -> None:
    """Send one message.

    Raises:
        DaemonError: The other side is gone, or did not read all in time.
    """
    try:
        _way.write(connection, encode(message), timeout_s)
    except OSError as error:
        raise no_answer(error) from error


@dataclass(frozen=True, slots=True)
class Handover:
    """A message with a descriptor.

    Attributes:
        message: Sent first.
        fd: Closed after it was passed on.
    """

    message: Mapping[str, Any]
    fd: int


def hand_over(connection: Connection, given: Handover, timeout_s: float = ANSWER_S) -> None:
    """Send a message and a descriptor.

    Raises:
        DaemonError: The other side is gone, or did not read all in time.
    """
    try:
        send(connection, given.message, timeout_s)
        _way.hand_over(connection, given.fd)
    except OSError as error:
        raise no_answer(error) from error
    finally:
        os.close(given.fd)


def take_over(connection: Connection, timeout_s: float) -> int:
    """Wait for the descriptor that follows a message; the caller closes it.

    Raises:
        DaemonError: None came in time.
    """
    try:
        return _way.take_over(connection, timeout_s)
    except (EOFError, OSError) as error:
        raise no_answer(error) from error


def receive(connection: Connection, timeout_s: float) -> dict[str, Any]:
    """Wait for one message.

    Raises:
        DaemonError: None came in time, or it is invalid.
    """
    try:
        return decode(_way.read(connection, MAX_BYTES, timeout_s))
    except (EOFError, OSError) as error:
        raise no_answer(error) from error


def no_answer(error: Exception) -> DaemonError:
    """The error if the other side exists but communication fails."""
    reason = getattr(error, "strerror", None) or str(error) or "it closed the connection"
    return DaemonError("The running SegCam does not answer", reason, "Restart it: segcam restart")
