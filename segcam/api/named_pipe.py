"""A local connection on Windows: a named pipe that only its owner can write to.

The same functions as `segcam.api.unix_socket`. Connections on Windows frame the messages
themselves.
"""

from __future__ import annotations

import os
from multiprocessing import connection as pipes
from typing import Any, TypeAlias, cast

Connection: TypeAlias = pipes.Connection
Listener: TypeAlias = pipes.Listener


def address(ending: str) -> str:
    """The address of the SegCam whose name gives this suffix."""
    return rf"\\.\pipe\segcam-{os.environ.get('USERNAME', 'user')}{ending}"


def endings() -> list[str]:
    """Only that of the usual one, since pipes cannot be listed."""
    return [""]


def listen(where: str, backlog: int) -> Listener:  # noqa: ARG001 (Windows needs none)
    """Listen at this address."""
    return Listener(where)


def accept(listener: Listener) -> Connection:
    """The next client."""
    return _same(listener.accept())


def leave(listener: Listener) -> None:
    """Stop listening."""
    listener.close()


def connect(where: str, timeout_s: float) -> Connection:  # noqa: ARG001
    """A connection to the listener; the system has its own time-out."""
    return _same(pipes.Client(where))


def is_same_user(connection: Connection) -> bool:  # noqa: ARG001
    """Always: the pipe's permissions admit nobody else."""
    return True


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes."""
    connection.close()


def is_readable(connection: Connection, timeout_s: float) -> bool:
    """Whether data or the end of the other side can be read within ``timeout_s``."""
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
    """Not possible: pipes carry no descriptors."""
    raise OSError("Windows cannot pass descriptors")


def take_over(connection: Connection, timeout_s: float) -> int:  # noqa: ARG001
    """Not possible, see `hand_over`."""
    raise OSError("Windows cannot pass descriptors")


def _same(pipe: Any) -> Connection:
    """The class for pipes on Windows has the same methods."""
    return cast("Connection", pipe)
