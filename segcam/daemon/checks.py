"""What is refused before anything is changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from segcam.daemon.beside import READ_S, beside
from segcam.errors import DaemonBusy, UsageError


def check(given: Mapping[str, Any]) -> None:
    """Refuse what can be seen to be wrong without loading anything."""
    from segcam.pipeline.networks import find_segmenter
    from segcam.segment.registry import GROUPS
    from segcam.segment.registry import find as find_backend

    if not given:
        raise UsageError("There is nothing to change", "", "See: segcam set --help")
    if "model" in given:
        beside(lambda: find_segmenter(given["model"]), READ_S, str(given["model"]))
    if given.get("backend", "auto") not in GROUPS:
        find_backend(given["backend"])


def starting() -> DaemonBusy:
    """What to say to who comes too early."""
    return DaemonBusy("SegCam is starting", "", "Try again in a moment")


@contextmanager
def alone(lock: threading.Lock, title: str) -> Iterator[None]:
    """Refuses instead of waiting: drivers may take minutes to compile a model.

    Raises:
        DaemonBusy: Another thread is at it.
    """
    if not lock.acquire(blocking=False):
        raise DaemonBusy(title, "", "Try again when it has")
    try:
        yield
    finally:
        lock.release()
