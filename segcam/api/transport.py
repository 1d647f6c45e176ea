"""The way between clients and the running SegCam: a local socket that only its user can reach.

On Linux and macOS it lies in a folder that nobody else may enter, on Windows it is a named pipe
that only its owner may write to. Messages are bytes; nothing is ever unpickled. They are framed as
`multiprocessing.connection` does it, but every wait has one deadline for the whole message: a
client that sends a byte now and then holds nobody.
"""

from __future__ import annotations

import os
import re
import select
import socket
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from segcam.api.messages import MAX_BYTES, decode, encode
from segcam.errors import DaemonError, DaemonNotRunning, UsageError

ANSWER_S = 3.0
"""Nobody waits longer for the other side: an answer takes milliseconds."""
_LENGTH = struct.Struct("!i")
_SOCKET = "control"


def address(name: str = "") -> str:
    """Where the running SegCam of this user and this name answers.

    Raises:
        DaemonError: There is no folder that belongs to this user alone.
        UsageError: ``name`` is none.
    """
    check_name(name)
    if sys.platform == "win32":
        return rf"\\.\pipe\segcam-{os.environ.get('USERNAME', 'user')}{_ending(name)}"
    return str(runtime_folder() / f"{_SOCKET}{_ending(name)}")


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
    if sys.platform == "win32":
        return [""]
    found = [path.name.removeprefix(_SOCKET) for path in runtime_folder().glob(f"{_SOCKET}*")]
    return sorted(ending[1:] for ending in found if not ending or ending[0] == "-")


def _ending(name: str) -> str:
    return f"-{name}" if name else ""


def runtime_folder() -> Path:
    """The folder for sockets and locks, made where it is missing; only its user may enter it.

    Raises:
        DaemonError: It cannot be had, or belongs to somebody else.
    """
    folder = _runtime_base()
    try:
        folder.mkdir(mode=0o700, exist_ok=True, parents=sys.platform == "win32")
        private = sys.platform == "win32" or _private(folder)
    except OSError as error:
        raise _no_folder(folder, error.strerror or str(error)) from error
    if not private:
        raise _no_folder(folder, "It is not this user's alone")
    return folder


def _runtime_base() -> Path:
    """Below $XDG_RUNTIME_DIR, where that is this user's: with "su" it is somebody else's."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()), "segcam", "run")
    base = os.environ.get("XDG_RUNTIME_DIR")
    try:
        if base and _owned(Path(base)):
            return Path(base, "segcam")
    except OSError:  # not there, or not to be looked at
        pass
    return Path(tempfile.gettempdir(), f"segcam-{os.getuid()}")


def _owned(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, and this user's."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _private(folder: Path) -> bool:
    return _owned(folder) and not folder.lstat().st_mode & 0o077


def _no_folder(folder: Path, reason: str) -> DaemonError:
    return DaemonError(
        f"{folder} cannot be used", reason, f"Remove it and try again: rm -r {folder}"
    )


def connect(timeout_s: float = ANSWER_S, name: str = "") -> Connection:
    """A connection to the running SegCam of that name.

    Raises:
        DaemonNotRunning: Nobody answers there.
        DaemonError: The connection was refused or takes too long.
    """
    try:
        if sys.platform == "win32":
            return Client(address(name))
        with socket.socket(socket.AF_UNIX) as plain:
            _limit(plain, timeout_s)
            plain.connect(address(name))
            return Connection(plain.detach())
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
    with suppress(OSError):  # it has just ended by itself
        if sys.platform == "win32":
            connection.close()
            return
        with _socket_of(connection) as plain:
            plain.shutdown(socket.SHUT_RDWR)


def send(connection: Connection, message: Mapping[str, Any], timeout_s: float = ANSWER_S) -> None:
    """Send one message.

    Raises:
        DaemonError: The other side is gone, or did not read all in time.
    """
    try:
        data = encode(message)
        if sys.platform == "win32":
            connection.send_bytes(data)
        else:
            _write(connection, _LENGTH.pack(len(data)) + data, time.monotonic() + timeout_s)
    except OSError as error:
        raise no_answer(error) from error


def receive(connection: Connection, timeout_s: float) -> dict[str, Any]:
    """Wait for one message.

    Raises:
        DaemonError: None came in time, or it is none.
    """
    try:
        return decode(_receive_bytes(connection, timeout_s))
    except (EOFError, OSError) as error:
        raise no_answer(error) from error


def _receive_bytes(connection: Connection, timeout_s: float) -> bytes:
    if sys.platform == "win32":
        if not connection.poll(timeout_s):
            raise _too_late()
        return connection.recv_bytes(MAX_BYTES)
    deadline = time.monotonic() + timeout_s
    (length,) = _LENGTH.unpack(_read(connection, _LENGTH.size, deadline))
    if not 0 <= length <= MAX_BYTES:
        raise OSError(f"a message of {length} bytes")
    return _read(connection, length, deadline)


def _read(connection: Connection, size: int, deadline: float) -> bytes:
    read = bytearray()
    while len(read) < size:
        _wait(connection, select.POLLIN, deadline)
        part = os.read(connection.fileno(), size - len(read))
        if not part:
            raise EOFError
        read += part
    return bytes(read)


def _write(connection: Connection, data: bytes, deadline: float) -> None:
    with _socket_of(connection) as plain:
        while data:
            _wait(connection, select.POLLOUT, deadline)
            with suppress(BlockingIOError):
                data = data[plain.send(data, socket.MSG_DONTWAIT) :]


def _wait(connection: Connection, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(connection.fileno(), event)
    left_s = deadline - time.monotonic()
    if left_s <= 0 or not poll.poll(left_s * 1000):
        raise _too_late()


def _too_late() -> TimeoutError:
    return TimeoutError("it took too long")


def _socket_of(connection: Connection) -> socket.socket:
    """The same socket, to be closed by the caller."""
    return socket.socket(fileno=os.dup(connection.fileno()))


def no_answer(error: Exception) -> DaemonError:
    """What to say where the other side is there and yet cannot be spoken to."""
    reason = getattr(error, "strerror", None) or str(error) or "it ended the connection"
    return DaemonError("The running SegCam does not answer", reason, "Stop it and start it again")
