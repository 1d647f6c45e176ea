"""The way between clients and the running SegCam: a local connection that only its user can reach.

Messages are bytes; nothing is ever unpickled. How a system carries them is known to
`segcam.api.unix_socket` and `segcam.api.named_pipe` alone.
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
"""Nobody waits longer for the other side: an answer takes milliseconds."""


def address(name: str = "") -> str:
    """Where the running SegCam of this user and this name answers.

    Raises:
        DaemonError: There is no folder that belongs to this user alone.
        UsageError: ``name`` is none.
    """
    check_name(name)
    return _way.address(f"-{name}" if name else "")


def check_name(name: str) -> None:
    """Refuse what can be no part of a file's name.

    Raises:
        UsageError: It is too long, or has other characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,32}", name):
        raise UsageError(
            f"{name!r} is no name for a SegCam",
            "",
            "Use up to 32 letters, digits, hyphens and underscores: --name office",
        )


def names() -> list[str]:
    """Names of the SegCams that may answer, "" being the usual one; some may have been killed."""
    return sorted(ending[1:] for ending in _way.endings() if not ending or ending[0] == "-")


def listen(where: str, backlog: int = 1) -> Listener:
    """Wait for clients there. The caller holds the lock: what a killed one left is removed.

    Raises:
        OSError: The system refuses.
    """
    return _way.listen(where, backlog)


def accept(listener: Listener) -> Connection:
    """The next client.

    Raises:
        OSError: There is none, or no descriptor for it.
    """
    return _way.accept(listener)


def leave(listener: Listener) -> None:
    """Wait for clients no more.

    Raises:
        OSError: Somebody has removed the place.
    """
    _way.leave(listener)


def reach(where: str, timeout_s: float = ANSWER_S) -> Connection:
    """A connection to who listens there.

    Raises:
        OSError: Nobody does, or it takes too long.
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
    """What to say where nobody answers."""
    if name:
        return DaemonNotRunning(
            f"There is no SegCam named {name} at present", "", f"Start it: segcam run --name {name}"
        )
    return DaemonNotRunning("SegCam offers no camera at present", "", "Start it: segcam run")


def is_same_user(connection: Connection) -> bool:
    """Whether this user, or root, is at the other end, where the system tells; else True."""
    return _way.is_same_user(connection)


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes: it gets an error at once."""
    with suppress(OSError):  # it has just ended by itself
        _way.cut(connection)


def is_readable(connection: Connection, timeout_s: float = 0) -> bool:
    """Whether something can be read, or the other side has ended, after at most ``timeout_s``.

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
    """A message that a descriptor comes with.

    Attributes:
        message: Is sent first.
        fd: Closed once it is handed over.
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
        DaemonError: None came in time, or it is none.
    """
    try:
        return decode(_way.read(connection, MAX_BYTES, timeout_s))
    except (EOFError, OSError) as error:
        raise no_answer(error) from error


def no_answer(error: Exception) -> DaemonError:
    """What to say where the other side is there and yet cannot be spoken to."""
    reason = getattr(error, "strerror", None) or str(error) or "it ended the connection"
    return DaemonError("The running SegCam does not answer", reason, "Stop it and start it again")
