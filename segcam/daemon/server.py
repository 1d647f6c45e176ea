"""Answers clients while the pipeline runs: a thread that waits, and one for each client.

A client that hangs holds its own thread alone, for a few seconds; no client can reach the workers.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from segcam.api import transport
from segcam.api.messages import not_understood
from segcam.daemon.lock import Lock
from segcam.errors import DaemonError, InternalError, SegCamError, refused

log = logging.getLogger(__name__)

CLIENTS = 8
"""So many are served at once; another one waits, and is turned away if none of them ends."""
REQUEST_S = 2.0
"""A client has so long to send its request, and to read each part of the answer."""
CALM_S = 0.2
"""Pause after an error of the system's (no descriptors left), so that it is no busy loop."""

Tell = Callable[[str], None]
"""Tells the client, in words for people, what takes its time."""
Answers = Mapping[str, Callable[[Mapping[str, Any], Tell], Mapping[str, Any]]]
"""What is called for each request, with its other fields, on the client's thread."""


class Server:
    """The one of this user's processes that answers clients; ``with server:`` starts and stops it.

    Where another process does already, or the system refuses, it stays silent: video goes on.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._places = threading.BoundedSemaphore(CLIENTS)
        self._stopping = threading.Event()
        self._lock: Lock | None = None
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def answers(self) -> bool:
        """Whether this is the process that answers."""
        return self._listener is not None

    def __enter__(self) -> Server:
        try:
            self._listener = self._listen()
        except (DaemonError, OSError) as error:
            self._unlock()
            log.warning("segcam status and segcam set will not work: %s", error)
        if self._listener is not None:
            self._thread = threading.Thread(
                target=self._run, args=(self._listener,), name="segcam-control", daemon=True
            )
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._listener is not None and self._thread is not None:
            with suppress(SegCamError):  # wakes the thread; nothing else does
                transport.connect(CALM_S).close()
            self._thread.join(CALM_S)
            with suppress(OSError):  # somebody removed the socket
                self._listener.close()
        self._listener = None
        self._unlock()

    def _listen(self) -> Listener | None:
        """A bound socket, or None where another process has it."""
        if sys.platform == "win32":
            try:
                return Listener(transport.address(), backlog=CLIENTS)
            except PermissionError:  # the pipe's first instance is another process's
                return None
        lock = Lock(transport.runtime_folder() / "lock")
        if not lock.acquire():
            log.info("another SegCam answers to segcam status")
            return None
        self._lock = lock
        path = Path(transport.address())
        path.unlink(missing_ok=True)  # left behind by one that was killed
        listener = Listener(str(path), "AF_UNIX", CLIENTS)
        path.chmod(0o600)
        return listener

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _run(self, listener: Listener) -> None:
        while not self._stopping.is_set():
            try:
                connection = listener.accept()
            except OSError as error:
                log.debug("no client: %s", error)
                self._stopping.wait(CALM_S)
                continue
            if self._stopping.is_set() or not self._places.acquire(timeout=REQUEST_S):
                connection.close()
                continue
            threading.Thread(
                target=self._serve, args=(connection,), name="segcam-client", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                if transport.is_same_user(connection):
                    transport.limit(connection, REQUEST_S)
                    transport.send(connection, self._reply(connection))
        except (SegCamError, OSError) as error:
            log.debug("client: %s", error)
        finally:
            self._places.release()

    def _reply(self, connection: Connection) -> Mapping[str, Any]:
        request = transport.receive(connection, REQUEST_S)

        def tell(text: str) -> None:
            with suppress(SegCamError):  # the client is gone, and what it asked for goes on
                transport.send(connection, {"progress": text})

        try:
            return {"answer": self._answer(request, tell)}
        except SegCamError as error:
            return {"error": error.as_dict()}
        except Exception as error:
            if isinstance(error, OSError) and error.filename:
                return {"error": refused(error).as_dict()}
            log.info("no answer to %s", request, exc_info=True)
            fault = InternalError("SegCam has met a fault of its own", repr(error), "Please report")
            return {"error": fault.as_dict()}

    def _answer(self, request: dict[str, Any], tell: Tell) -> Mapping[str, Any]:
        name = request.pop("request", None)
        answer = self._answers.get(name) if isinstance(name, str) else None
        if answer is None:
            raise not_understood(f"there is no request {name!r}")
        return answer(request, tell)
