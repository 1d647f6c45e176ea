"""Log messages go to stderr and into a file that never grows beyond a limit.

Both are written by a thread of their own: a disk that stalls, or a terminal that nobody reads,
never holds a worker. Where neither can be written, messages are lost, and nothing else.
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
"""One log of a megabyte, and so many older ones."""
WAITING = 1000
"""So many messages may wait to be written; more are lost."""
END_S = 1.0
"""A log that takes longer at the end is left behind."""


def log_file(name: str = "") -> Path:
    """Where the SegCam of that name writes its log."""
    return user_state_path("segcam") / f"segcam{f'-{name}' if name else ''}.log"


@contextmanager
def kept_log(name: str = "") -> Iterator[None]:
    """Let all messages meanwhile go to the file, too, and let nobody wait for them."""
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
        """Write what waits. False: it cannot be written in time, and is left behind."""
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
    """What is logged names programs and files; it is nobody else's."""

    def _open(self) -> Any:
        fd = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(fd, "a", encoding="utf-8", errors="backslashreplace")
