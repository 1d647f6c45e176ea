"""The way between clients and the running SegCam: a local socket that only its user can reach.

On Linux and macOS it lies in a folder that nobody else may enter, on Windows it is a named pipe
that only its owner may write to. Messages are bytes; nothing is ever unpickled.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from segcam.api.messages import MAX_BYTES, decode, encode
from segcam.errors import DaemonError, DaemonNotRunning

ANSWER_S = 3.0
"""Nobody waits longer for the other side: an answer takes milliseconds, with every process looked
through for viewers some ten of them."""


def address() -> str:
    """Where the running SegCam of this user answers.

    Raises:
        DaemonError: There is no folder that belongs to this user alone.
    """
    if sys.platform == "win32":
        return rf"\\.\pipe\segcam-{os.environ.get('USERNAME', 'user')}"
    return str(runtime_folder() / "control")


def runtime_folder() -> Path:
    """The folder for sockets and locks, made where it is missing; only its user may enter it.

    Raises:
        DaemonError: It cannot be had, or belongs to somebody else.
    """
    folder = _runtime_base()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        private = _owned(folder) and not folder.lstat().st_mode & 0o077
    except OSError as error:
        raise _no_folder(folder, error.strerror or str(error)) from error
    if not private:
        raise _no_folder(folder, "It is not this user's alone")
    return folder


def _runtime_base() -> Path:
    """Below $XDG_RUNTIME_DIR, where that is this user's: with "su" it is somebody else's."""
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


def _no_folder(folder: Path, reason: str) -> DaemonError:
    return DaemonError(
        f"{folder} cannot be used", reason, f"Remove it and try again: rm -r {folder}"
    )


def connect(timeout_s: float = ANSWER_S) -> Connection:
    """A connection to the running SegCam.

    Raises:
        DaemonNotRunning: Nobody answers there.
        DaemonError: The connection was refused or takes too long.
    """
    try:
        if sys.platform == "win32":
            return Client(address())
        with socket.socket(socket.AF_UNIX) as plain:
            _limit(plain, timeout_s)
            plain.connect(address())
            return Connection(plain.detach())
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise DaemonNotRunning(
            "SegCam offers no camera at present", "", "Start it: segcam run"
        ) from error
    except OSError as error:
        raise no_answer(error) from error


def limit(connection: Connection, timeout_s: float) -> None:
    """Let no read or write on a socket wait longer. Named pipes know no such thing."""
    if sys.platform != "win32":
        with socket.socket(fileno=os.dup(connection.fileno())) as plain:
            _limit(plain, timeout_s)


def _limit(plain: socket.socket, timeout_s: float) -> None:
    """The kernel's own time-outs, which hold for whoever reads and writes the descriptor."""
    value = struct.pack("ll", int(timeout_s), int(timeout_s % 1 * 1e6))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        plain.setsockopt(socket.SOL_SOCKET, option, value)


def is_same_user(connection: Connection) -> bool:
    """Whether this user, or root, is at the other end, where the system tells; else True."""
    if sys.platform != "linux":
        return True
    with socket.socket(fileno=os.dup(connection.fileno())) as plain:
        found = plain.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", found)
    return user in (0, os.getuid())


def send(connection: Connection, message: Mapping[str, Any]) -> None:
    """Send one message.

    Raises:
        DaemonError: The other side is gone or does not read.
    """
    try:
        connection.send_bytes(encode(message))
    except OSError as error:
        raise no_answer(error) from error


def receive(connection: Connection, timeout_s: float) -> dict[str, Any]:
    """Wait for one message.

    Raises:
        DaemonError: None came in time, or it is none.
    """
    try:
        if not connection.poll(timeout_s):
            raise no_answer(TimeoutError(f"nothing came within {timeout_s:g} s"))
        return decode(connection.recv_bytes(MAX_BYTES))
    except (EOFError, OSError) as error:
        raise no_answer(error) from error


def no_answer(error: Exception) -> DaemonError:
    """What to say where the other side is there and yet cannot be spoken to."""
    reason = getattr(error, "strerror", None) or str(error) or "it ended the connection"
    return DaemonError("The running SegCam does not answer", reason, "Stop it and start it again")
