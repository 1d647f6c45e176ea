"""A local connection on Linux and macOS: a socket in a folder that nobody else may enter.

Messages are framed as `multiprocessing.connection` does it, but every wait has one deadline for the
whole message: a client that sends a byte now and then holds nobody. On Windows
`segcam.api.named_pipe` has the same functions.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from segcam.api.folder import runtime_folder

_LENGTH = struct.Struct("!i")
_KIND = "control"
_GIVEN = b"\0"
"""A descriptor travels with a byte."""


def address(ending: str) -> str:
    """Where the SegCam answers whose name gives the path this ending."""
    return str(runtime_folder() / f"{_KIND}{ending}")


def endings() -> list[str]:
    """Endings of all paths that are there; some may have been left behind."""
    return [path.name.removeprefix(_KIND) for path in runtime_folder().glob(f"{_KIND}*")]


def listen(where: str, backlog: int) -> Listener:
    """Wait for clients there. Who calls this is the only one: what a killed one left is removed."""
    path = Path(where)
    path.unlink(missing_ok=True)
    listener = Listener(where, "AF_UNIX", backlog)
    path.chmod(0o600)
    return listener


def accept(listener: Listener) -> Connection:
    """The next client."""
    return listener.accept()


def connect(where: str, timeout_s: float) -> Connection:
    """A connection to who listens there."""
    with socket.socket(socket.AF_UNIX) as plain:
        _limit(plain, timeout_s)
        plain.connect(where)
        return Connection(plain.detach())


def _limit(plain: socket.socket, timeout_s: float) -> None:
    """The kernel's own time-outs: connect waits where too many do already."""
    value = struct.pack("ll", int(timeout_s), int(timeout_s % 1 * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        plain.setsockopt(socket.SOL_SOCKET, option, value)


def is_same_user(connection: Connection) -> bool:
    """Whether this user, or root, is at the other end, where the system tells; else True."""
    if sys.platform != "linux":
        return True
    with _socket_of(connection) as plain:
        found = plain.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", found)
    return user in (0, os.getuid())


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes: it gets an error at once."""
    with _socket_of(connection) as plain:
        plain.shutdown(socket.SHUT_RDWR)


def write(connection: Connection, data: bytes, timeout_s: float) -> None:
    """Send one message."""
    deadline = time.monotonic() + timeout_s
    data = _LENGTH.pack(len(data)) + data
    with _socket_of(connection) as plain:
        while data:
            _wait(connection, select.POLLOUT, deadline)
            with suppress(BlockingIOError):
                data = data[plain.send(data, socket.MSG_DONTWAIT) :]


def read(connection: Connection, longest: int, timeout_s: float) -> bytes:
    """Wait for one message of at most ``longest`` bytes."""
    deadline = time.monotonic() + timeout_s
    (length,) = _LENGTH.unpack(_read(connection, _LENGTH.size, deadline))
    if not 0 <= length <= longest:
        raise OSError(f"a message of {length} bytes")
    return _read(connection, length, deadline)


def hand_over(connection: Connection, fd: int) -> None:
    """Send a descriptor, after a message that tells of it."""
    with _socket_of(connection) as plain:
        socket.send_fds(plain, [_GIVEN], [fd])


def take_over(connection: Connection, timeout_s: float) -> int:
    """Wait for a descriptor; the caller closes it."""
    _wait(connection, select.POLLIN, time.monotonic() + timeout_s)
    with _socket_of(connection) as plain:
        _, descriptors, _, _ = socket.recv_fds(plain, len(_GIVEN), 1)
    if not descriptors:
        raise EOFError
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]


def _read(connection: Connection, size: int, deadline: float) -> bytes:
    read = bytearray()
    while len(read) < size:
        _wait(connection, select.POLLIN, deadline)
        part = os.read(connection.fileno(), size - len(read))
        if not part:
            raise EOFError
        read += part
    return bytes(read)


def _wait(connection: Connection, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(connection.fileno(), event)
    left_s = deadline - time.monotonic()
    if left_s <= 0 or not poll.poll(left_s * 1000):
        raise TimeoutError("it took too long")


def _socket_of(connection: Connection) -> socket.socket:
    """The same socket, to be closed by the caller."""
    return socket.socket(fileno=os.dup(connection.fileno()))
