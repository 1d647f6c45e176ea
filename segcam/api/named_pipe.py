"""A local connection on Windows: a named pipe that only its owner may write to.

The same functions as `segcam.api.unix_socket`. Windows' own connections frame the messages.
"""

from __future__ import annotations

import os
from multiprocessing import connection as pipes
from typing import Any, TypeAlias, cast

Connection: TypeAlias = pipes.Connection
Listener: TypeAlias = pipes.Listener


def address(ending: str) -> str:
    """Where the SegCam answers whose name gives the pipe this ending."""
    return rf"\\.\pipe\segcam-{os.environ.get('USERNAME', 'user')}{ending}"


def endings() -> list[str]:
    """The usual one may be there; pipes cannot be listed."""
    return [""]


def listen(where: str, backlog: int) -> Listener:  # noqa: ARG001 (Windows needs none)
    """Wait for clients there."""
    return Listener(where)


def accept(listener: Listener) -> Connection:
    """The next client."""
    return _same(listener.accept())


def leave(listener: Listener) -> None:
    """Wait for clients no more."""
    listener.close()


def connect(where: str, timeout_s: float) -> Connection:  # noqa: ARG001
    """A connection to the one who listens there; the system waits a while by itself."""
    return _same(pipes.Client(where))


def is_same_user(connection: Connection) -> bool:  # noqa: ARG001
    """The pipe's rights have let nobody else in."""
    return True


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes."""
    connection.close()


def is_readable(connection: Connection, timeout_s: float) -> bool:
    """Whether something can be read, or the other side has ended, after at most ``timeout_s``."""
    return connection.poll(timeout_s)


def write(connection: Connection, data: bytes, timeout_s: float) -> None:  # noqa: ARG001
    """Send one message."""
    connection.send_bytes(data)


def read(connection: Connection, longest: int, timeout_s: float) -> bytes:
    """Wait for one message of at most ``longest`` bytes."""
    if not connection.poll(timeout_s):
        raise TimeoutError("it took too long")
    return connection.recv_bytes(longest)


def hand_over(connection: Connection, fd: int) -> None:  # noqa: ARG001
    """No descriptor goes through a pipe."""
    raise OSError("Windows hands no descriptors over")


def take_over(connection: Connection, timeout_s: float) -> int:  # noqa: ARG001
    """None comes."""
    raise OSError("Windows hands no descriptors over")


def _same(pipe: Any) -> Connection:
    """Windows has another class for pipes, with the same methods."""
    return cast("Connection", pipe)
