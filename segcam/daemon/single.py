"""One SegCam per user and name: a second one reports the first, or takes over."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segcam.api import client, transport
from segcam.api.folder import runtime_folder
from segcam.daemon.lock import Lock
from segcam.errors import DaemonError, DaemonNotRunning, DaemonRunning, SegCamError

log = logging.getLogger(__name__)

END_S = 10.0
"""If another SegCam takes longer to finish its files and end, it hangs."""
KILLED_S = 3.0
ENDING_S = 3.0
"""Time limit for one that no longer answers."""


@contextmanager
def claimed(name: str, replaces: bool = False) -> Iterator[bool]:
    """Be the only SegCam of this user and name inside the context.

    Gives whether clients can be answered; if the system does not allow it, video runs anyway.

    Args:
        name: "" is the usual one.
        replaces: End another one first; one that hangs is killed.

    Raises:
        DaemonRunning: There is another one.
        UsageError: ``name`` is not a valid name, or clients could not reach it.
    """
    try:
        transport.address(name)
        lock = Lock(lock_path(name))
        is_free = lock.acquire()
    except (DaemonError, OSError) as error:
        log.warning("segcam status and segcam set will not work: %s", error)
        yield False
        return
    if not is_free and replaces:
        _end_other(name, lock)
    elif not is_free and (_answers(name) or not lock.acquire(ENDING_S)):
        raise _taken(name, lock.holder)
    try:
        yield True
    finally:
        lock.release()


def _answers(name: str) -> bool:
    """Whether another one answers; if it only holds the lock, it is starting or ending."""
    try:
        client.status(name)
    except DaemonNotRunning:
        return False
    except SegCamError:
        pass
    return True


def lock_path(name: str) -> Path:
    """The lock file of the SegCam of that name."""
    transport.check_name(name)
    return runtime_folder() / f"lock{f'-{name}' if name else ''}"


def _end_other(name: str, lock: Lock) -> None:
    with suppress(SegCamError):  # it may hang or be ending
        client.stop(name)
    if lock.acquire(END_S):
        return
    holder = lock.holder
    if holder is None or sys.platform == "win32":
        raise _taken(name, holder)
    with suppress(OSError):  # it has just ended already
        os.kill(holder, signal.SIGKILL)
    if not lock.acquire(KILLED_S):
        raise _taken(name, holder)


def _taken(name: str, holder: int | None) -> DaemonRunning:
    option = f" --name {name}" if name else ""
    who = f"process {holder}" if holder is not None else "another process"
    with suppress(SegCamError):
        now = client.status(name)
        since = time.strftime("%H:%M", time.localtime(time.time() - now.uptime_s))  # noqa: TID251
        who = f"process {now.pid}, since {since}, with {now.camera or 'no camera yet'}"
    return DaemonRunning(
        f"SegCam{f' {name}' if name else ''} is already running",
        who,
        f"Change it: segcam set{option}. Stop it: segcam stop{option}. Replace it: segcam run"
        f"{option} --replace. Run a second one: segcam run --name OTHER",
    )
