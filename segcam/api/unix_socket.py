"""A local connection on Linux and macOS: a socket in a folder that only the user can open.

Messages are framed like those of `multiprocessing.connection`, whose import would take a tenth of
the time of ``segcam status``. There is one deadline for a whole message, so a client that sends a
byte now and then blocks nobody. On Windows `segcam.api.named_pipe` has the same functions.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from segcam.api.folder import SOCKET, fits, runtime_folder
from segcam.errors import UsageError

Connection: TypeAlias = socket.socket
Listener: TypeAlias = socket.socket

_LENGTH = struct.Struct("!i")
_GIVEN = b"\0"
"""A descriptor is sent with a byte."""


def address(ending: str) -> str:
    """The address of the SegCam whose name gives this suffix."""
    path = runtime_folder() / f"{SOCKET}{ending}"
    if not fits(path):
        raise UsageError(
            "The path of SegCam's socket is too long",
            str(path),
            "Use a shorter --name, or set XDG_RUNTIME_DIR to a folder with a shorter path",
        )
    return str(path)


def endings() -> list[str]:
    """Suffixes of all existing sockets; some may be stale."""
    return [path.name.removeprefix(SOCKET) for path in runtime_folder().glob(f"{SOCKET}*")]


def listen(where: str, backlog: int) -> Listener:
    """Listen there, removing a stale socket. The caller holds the lock."""
    path = Path(where)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(where)
        path.chmod(0o600)
        listener.listen(backlog)
    except BaseException:
        listener.close()
        raise
    return listener


def accept(listener: Listener) -> Connection:
    """The next client."""
    connection, _ = listener.accept()
    return connection


def leave(listener: Listener) -> None:
    """Stop listening."""
    with listener:
        Path(listener.getsockname()).unlink()


def connect(where: str, timeout_s: float) -> Connection:
    """A connection to the listener."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        # The kernel's time-out: connect blocks if the queue is full.
        limit = struct.pack("ll", int(timeout_s), int(timeout_s % 1 * 1e6))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        connection.connect(where)
    except BaseException:
        connection.close()
        raise
    return connection


def is_same_user(connection: Connection) -> bool:
    """Whether the other end belongs to this user or root; True if unknown."""
    if sys.platform != "linux":
        return True
    size = struct.calcsize("3i")
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _, user, _ = struct.unpack("3i", found)
    return user in (0, os.getuid())


def cut(connection: Connection) -> None:
    """End a connection that another thread reads or writes: it gets an error at once."""
    connection.shutdown(socket.SHUT_RDWR)


def is_readable(connection: Connection, timeout_s: float) -> bool:
    """Whether data or the end of the other side can be read within ``timeout_s``."""
    return _waited(connection, select.POLLIN, timeout_s)


def write(connection: Connection, data: bytes, timeout_s: float) -> None:
    """Send one message."""
    deadline = time.monotonic() + timeout_s
    data = _LENGTH.pack(len(data)) + data
    while data:
        _wait(connection, select.POLLOUT, deadline)
        with suppress(BlockingIOError):
            data = data[connection.send(data, socket.MSG_DONTWAIT) :]


def read(connection: Connection, longest: int, timeout_s: float) -> bytes:
    """Wait for one message of at most ``longest`` bytes."""
    deadline = time.monotonic() + timeout_s
    (length,) = _LENGTH.unpack(_read(connection, _LENGTH.size, deadline))
    if not 0 <= length <= longest:
        raise OSError(f"a message of {length} bytes")
    return _read(connection, length, deadline)


def hand_over(connection: Connection, fd: int) -> None:
    """Send a descriptor, after the message that announces it."""
    socket.send_fds(connection, [_GIVEN], [fd])


def take_over(connection: Connection, timeout_s: float) -> int:
    """Wait for a descriptor; the caller closes it."""
    _wait(connection, select.POLLIN, time.monotonic() + timeout_s)
    _, descriptors, _, _ = socket.recv_fds(connection, len(_GIVEN), 1)
    if not descriptors:
        raise EOFError
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]


def _read(connection: Connection, size: int, deadline: float) -> bytes:
    read = bytearray()
    while len(read) < size:
        _wait(connection, select.POLLIN, deadline)
        part = connection.recv(size - len(read))
        if not part:
            raise EOFError
        read += part
    return bytes(read)


def _wait(connection: Connection, event: int, deadline: float) -> None:
    left_s = deadline - time.monotonic()
    if left_s <= 0 or not _waited(connection, event, left_s):
        raise TimeoutError("it took too long")


def _waited(connection: Connection, event: int, timeout_s: float) -> bool:
    number = connection.fileno()
    if number < 0:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # another thread has closed it
    poll = select.poll()
    poll.register(number, event)
    return bool(poll.poll(timeout_s * 1000))
