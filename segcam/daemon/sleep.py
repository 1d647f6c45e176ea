"""Closes the camera before the computer sleeps, and opens it again afterwards.

logind (systemd) announces both on the system bus. Before it sleeps, it waits for processes that
hold a delay lock. Source: the manual page org.freedesktop.login1(5), "Inhibitor Locks".
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from segcam.pipeline.pipeline import Pipeline

log = logging.getLogger(__name__)

CLOSE_S = 3.0
"""A camera that takes longer to close hangs; logind itself waits 5 s (InhibitDelayMaxSec)."""
CALL_S = 3.0
SLEEP = "sleep"
_POLL_S = 0.02
_LOGIND, _PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_MANAGER = "org.freedesktop.login1.Manager"
_BUS = "org.freedesktop.DBus"
_SLEEP = {"interface": _MANAGER, "member": "PrepareForSleep"}
_OWNERS = {"interface": _BUS, "member": "NameOwnerChanged"}
_WAITING = 8
"""Most signals that are queued while one is handled."""
_REASON = ("sleep", "SegCam", "Closing the camera first", "delay")


class _Sender:
    """Accepts only signals from logind, and from the bus about logind.

    Every program may send a signal of any name, also directly to this process. The bus adds the
    sender's unique name, which is compared with logind's.

    Attributes:
        owner: Logind's unique name, "" if it does not run.
    """

    owner = ""

    def matches(self, message: Any) -> bool:
        """Whether the message comes from one of them."""
        from jeepney import HeaderFields

        said = message.header.fields
        sender = said.get(HeaderFields.sender)
        what = {
            "interface": said.get(HeaderFields.interface),
            "member": said.get(HeaderFields.member),
        }
        if what == _OWNERS and sender == _BUS and message.body[0] == _LOGIND:
            self.owner = message.body[2]
            return bool(self.owner)
        return what == _SLEEP and bool(self.owner) and sender == self.owner


class SleepWatch:
    """Pauses a pipeline's demand while the computer sleeps; ``with watch:`` starts and stops it.

    Without a system bus, as in a container, it does nothing.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._lock: Any = None
        self._sender = _Sender()
        self._connection: Any = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="segcam-sleep", daemon=True)

    def __enter__(self) -> SleepWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        if self._connection is not None:
            with suppress(OSError):  # wakes the thread; the bus may be gone already
                self._connection.sock.shutdown(socket.SHUT_RDWR)
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        try:
            from jeepney import DBusErrorResponse
            from jeepney.io.blocking import open_dbus_connection
        except ImportError as error:
            log.info("sleep will not be noticed: %s", error)
            return
        try:
            with open_dbus_connection("SYSTEM", enable_fds=True) as self._connection:
                self._listen()
        except (OSError, ValueError, RuntimeError, DBusErrorResponse) as error:
            if not self._stopping:
                log.info("sleep will not be noticed, since logind does not answer: %s", error)
        finally:
            self._let_go()
            self._pipeline.demand.resume(SLEEP)

    def _listen(self) -> None:
        """Follow logind until the connection ends."""
        from jeepney import MatchRule, message_bus

        sleep = MatchRule(type="signal", sender=_LOGIND, path=_PATH, **_SLEEP)
        owners = MatchRule(type="signal", sender=_BUS, **_OWNERS)
        owners.add_arg_condition(0, _LOGIND)
        with self._connection.filter(self._sender, bufsize=_WAITING) as signals:
            self._call(message_bus.AddMatch(owners))
            self._call(message_bus.AddMatch(sleep))
            self._sender.owner = self._owner()
            self._hold()
            while not self._stopping:
                body = self._connection.recv_until_filtered(signals).body
                going = body[0]
                if going == _LOGIND:
                    self._hold()  # a restarted logind has lost the lock
                elif going:
                    self._pause()
                    self._let_go()
                else:
                    log.info("the computer woke up")
                    self._pipeline.demand.resume(SLEEP)
                    self._hold()

    def _owner(self) -> str:
        """Logind's unique name on the bus, "" if it does not run."""
        from jeepney import DBusErrorResponse, message_bus

        try:
            (owner,) = self._call(message_bus.GetNameOwner(_LOGIND))
        except DBusErrorResponse:
            return ""
        return str(owner)

    def _pause(self) -> None:
        """Close the camera; viewers see a placeholder."""
        log.info("the computer is going to sleep")
        self._pipeline.demand.pause(SLEEP)
        deadline = time.monotonic() + CLOSE_S
        while self._pipeline.source_is_open and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def _hold(self) -> None:
        """Take a delay lock for the next sleep."""
        from jeepney import DBusAddress, DBusErrorResponse, new_method_call

        self._let_go()
        manager = DBusAddress(_PATH, _LOGIND, _MANAGER)
        try:
            (self._lock,) = self._call(new_method_call(manager, "Inhibit", "ssss", _REASON))
        except DBusErrorResponse as error:
            log.info("logind will not wait for the camera to be closed: %s", error)

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()

    def _call(self, message: Any) -> Any:
        """The answer's values.

        Raises:
            DBusErrorResponse: The other side answered with an error.
            TimeoutError: It does not answer.
        """
        from jeepney.wrappers import unwrap_msg

        return unwrap_msg(self._connection.send_and_get_reply(message, timeout=CALL_S))
