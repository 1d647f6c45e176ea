"""Sends log messages to stderr and to a file of limited size.

A separate thread writes both, so that a stalled disk or terminal never blocks a worker. If neither
can be written, only messages are lost.
"""

from __future__ import annotations

import logging
import os
import queue
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from segcam.text import OneLine

LARGEST_BYTES, KEPT = 1_000_000, 2
"""Size of a log file, and the number of older ones."""
WAITING = 1000
"""Most messages that wait to be written; further ones are lost."""
END_S = 1.0
"""Longest wait for the log at the end."""


def log_file(name: str = "") -> Path:
    """The log file of the SegCam of that name."""
    return user_state_path("segcam") / f"segcam{f'-{name}' if name else ''}.log"


@contextmanager
def kept_log(name: str = "") -> Iterator[None]:
    """Inside the context, also write messages to the file, without blocking their senders."""
    root = logging.getLogger()
    before = list(root.handlers)
    waiting: queue.Queue[Any] = queue.Queue(WAITING)
    own = _file_handlers(name)
    listener = _Listener(waiting, *before, *own, respect_handler_level=True)
    listener.start()
    root.handlers = [_Handler(waiting)]
    raise_before, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        yield
    finally:
        root.handlers = before
        if listener.end():
            for handler in own:
                handler.close()
        logging.raiseExceptions = raise_before


class _Handler(QueueHandler):
    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Listener(QueueListener):
    def end(self) -> bool:
        """Write the waiting messages. False: not all could be written in time."""
        with suppress(queue.Full):
            self.enqueue_sentinel()
        thread = self._thread
        if thread is not None:
            thread.join(END_S)
        return thread is None or not thread.is_alive()


def _file_handlers(name: str) -> list[logging.Handler]:
    path = log_file(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(path, maxBytes=LARGEST_BYTES, backupCount=KEPT, encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).info("no log file: %s", error)
        return []
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return [handler]


class _PrivateFile(RotatingFileHandler):
    """The log names programs and files, so only the user may read it."""

    def _open(self) -> Any:
        fd = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(fd, "a", encoding="utf-8", errors="backslashreplace")
