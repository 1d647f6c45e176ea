"""Runs work that may hang on a thread that can be abandoned."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from segcam.errors import DaemonBusy, MediaError
from segcam.pipeline.pipeline import ignore

T = TypeVar("T")

READ_S = 5.0
"""If opening a file takes longer, its storage hangs."""
MOST_LEFT_BEHIND = 16
"""Most threads that may hang at once; beyond that, the storage must be repaired first."""
_places = threading.BoundedSemaphore(MOST_LEFT_BEHIND)


class _Work(Generic[T]):
    def __init__(self, work: Callable[[], T], discard: Callable[[T], object]) -> None:
        self._work, self._discard = work, discard
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._given_up = False
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            result = self._work()
        except BaseException as error:
            self.error = error
        else:
            with self._lock:
                self.result = result
                if self._given_up:
                    self._discard(result)
        finally:
            _places.release()
            self._done.set()

    def wait(self, limit_s: float) -> bool:
        """Whether it finished in time; if not, its result will be discarded."""
        if self._done.wait(limit_s):
            return True
        with self._lock:
            self._given_up = not self._done.is_set() and self.result is None
            return not self._given_up


def beside(
    work: Callable[[], T], limit_s: float, what: str, discard: Callable[[T], object] = ignore
) -> T:
    """Run ``work`` on another thread, and wait for it with a time limit.

    Args:
        work: What may hang.
        limit_s: Longest wait.
        what: Name of the file or work, for the error.
        discard: Called with a result that came too late.

    Raises:
        MediaError: It took too long.
        DaemonBusy: Too many threads hang already.
        Exception: Whatever ``work`` raised.
    """
    if not _places.acquire(blocking=False):
        raise DaemonBusy("Too many files cannot be read", what, "Check whether their disk responds")
    job = _Work(work, discard)
    threading.Thread(target=job.run, name="segcam-beside", daemon=True).start()
    if not job.wait(limit_s):
        raise MediaError(
            f"{what} cannot be read",
            f"Its disk did not respond within {limit_s:g} s",
            "Check whether its disk responds",
        )
    if job.error is not None:
        raise job.error
    return job.result  # type: ignore[return-value]
