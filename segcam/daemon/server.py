"""Answers clients while the pipeline runs: one thread that listens, one for each client.

A client that hangs blocks only its own thread, for a few seconds; no client can block the workers.
There are three kinds of requests with separate limits: quick ones, slow ones (loading a model, a
file on stalled storage), and streams that last until the client ends them. So "status" is answered
however many of the others there are.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from segcam.api import transport
from segcam.api.messages import not_understood
from segcam.api.transport import Connection, Handover, Listener
from segcam.errors import DaemonBusy, SegCamError, foreign, refused

log = logging.getLogger(__name__)

ASKING = 32
"""Most clients that have not sent their request yet; for one more, the oldest is disconnected."""
LONG, STREAMS = 16, 16
"""Most slow requests and most streams at once."""
CLIENTS = 128
"""Most threads in all; one more client waits until one ends."""
REQUEST_S = 2.0
"""Time limit for sending the request, and for reading the answer."""
BEAT_S = 5.0
"""While a slow request is carried out, its client gets a message at least this often."""
CALM_S = 0.2
"""Pause after a system error (no descriptors left), to avoid a busy loop."""

Tell = Callable[[str], None]
"""Sends the client a message for the user before a slow step."""
Request = Mapping[str, Any]
"""The request's fields without its name."""
Answer = Callable[[Request, Tell], Mapping[str, Any]]
"""Called on the client's thread."""
Stream = Callable[[Request], Iterator[Mapping[str, Any] | Handover | None]]
"""Messages for the client, until either side ends; None only checks whether it is still
connected."""


class Requests:
    """Handlers of the requests, by kind.

    Args:
        quick: Answered in milliseconds, never from a file, a device or another process.
        long: May be slow.
        streams: Last until the client ends them.
    """

    def __init__(
        self,
        quick: Mapping[str, Answer],
        long: Mapping[str, Answer] | None = None,
        streams: Mapping[str, Stream] | None = None,
    ) -> None:
        self.quick, self.long, self.streams = quick, long or {}, streams or {}


class Server:
    """Listens at its own address; ``with server:`` starts and stops it.

    If the system does not allow it, there is no server, but video goes on.

    Args:
        requests: The handlers.
        name: Name of this SegCam, "" for the usual one. The caller holds the lock of that name.
    """

    def __init__(self, requests: Requests, name: str = "") -> None:
        self._requests = requests
        self._name = name
        self._asking: dict[Connection, None] = {}
        self._asking_lock = threading.Lock()
        self._clients = threading.BoundedSemaphore(CLIENTS)
        self._long = threading.BoundedSemaphore(LONG)
        self._streams = threading.BoundedSemaphore(STREAMS)
        self._stopping = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def answers(self) -> bool:
        """Whether clients can connect."""
        return self._listener is not None

    def __enter__(self) -> Server:
        try:
            self._listener = self._listen()
        except (SegCamError, OSError) as error:
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
            with suppress(SegCamError):  # the only way to wake the thread
                transport.connect(CALM_S, self._name).close()
            self._thread.join(CALM_S)
            with suppress(OSError):  # somebody removed the socket
                transport.leave(self._listener)
        self._listener = None

    def _listen(self) -> Listener:
        return transport.listen(transport.address(self._name), CLIENTS)

    def _run(self, listener: Listener) -> None:
        while not self._stopping.is_set():
            try:
                connection = transport.accept(listener)
            except OSError as error:
                log.debug("no connection: %s", error)
                self._stopping.wait(CALM_S)
                continue
            if self._stopping.is_set() or not self._clients.acquire(timeout=REQUEST_S):
                connection.close()
                continue
            self._let_ask(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name="segcam-client", daemon=True
            ).start()

    def _let_ask(self, connection: Connection) -> None:
        with self._asking_lock:
            if len(self._asking) >= ASKING:
                transport.cut(next(iter(self._asking)))
                del self._asking[next(iter(self._asking))]
            self._asking[connection] = None

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                if transport.is_same_user(connection):
                    self._reply(connection)
        except (SegCamError, OSError) as error:
            log.debug("client: %s", error)
        finally:
            self._clients.release()

    def _reply(self, connection: Connection) -> None:
        try:
            request = self._asked(connection)
            name = request.pop("request", None)
            stream = self._requests.streams.get(name) if isinstance(name, str) else None
            if stream is not None:
                self._stream(connection, stream(request))
                return
            reply = {"answer": self._answer(name, request, connection)}
        except SegCamError as error:
            reply = {"error": error.as_dict()}
        except Exception as error:
            reply = {"error": _told(error).as_dict()}
        transport.send(connection, reply, REQUEST_S)

    def _asked(self, connection: Connection) -> dict[str, Any]:
        try:
            return transport.receive(connection, REQUEST_S)
        finally:
            with self._asking_lock:
                self._asking.pop(connection, None)

    def _answer(self, name: object, request: Request, connection: Connection) -> Mapping[str, Any]:
        if isinstance(name, str) and name in self._requests.quick:
            return self._requests.quick[name](request, Progress(connection).tell)
        if isinstance(name, str) and name in self._requests.long:
            with _place(self._long), Progress(connection) as progress:
                return self._requests.long[name](request, progress.tell)
        raise not_understood(f"there is no request {name!r}"[:200])

    def _stream(
        self, connection: Connection, news: Iterator[Mapping[str, Any] | Handover | None]
    ) -> None:
        with _place(self._streams):
            for message in news:
                if self._stopping.is_set() or transport.is_readable(connection):
                    return  # it sends nothing, so data here means that it has ended
                if isinstance(message, Handover):
                    transport.hand_over(connection, message, REQUEST_S)
                elif message is not None:
                    transport.send(connection, message, REQUEST_S)


class Progress:
    """Tells a client how its request goes on; ``with progress:`` repeats that every `BEAT_S`.

    Thus clients can tell work that takes minutes, like a driver that compiles a model, from a
    SegCam that hangs.

    Args:
        connection: To the client.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._text = ""
        self._is_gone = False
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="segcam-progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, text: str) -> None:
        """Send a message for the user. From any thread."""
        with self._lock:
            self._text = text
            self._send()

    def _repeat(self) -> None:
        while not self._over.wait(BEAT_S):
            with self._lock:
                self._send()

    def _send(self) -> None:
        if self._is_gone:
            return
        try:
            transport.send(self._connection, {"progress": self._text}, REQUEST_S)
        except SegCamError:  # the client has left, but its request goes on
            self._is_gone = True


@contextmanager
def _place(places: threading.BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise DaemonBusy("Too many programs are connected to SegCam", "", "Try again in a moment")
    try:
        yield
    finally:
        places.release()


def _told(error: Exception) -> SegCamError:
    if isinstance(error, OSError) and error.filename:
        return refused(error)
    log.info("no answer to a client", exc_info=True)
    return foreign(error)
