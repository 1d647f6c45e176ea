"""Work that may hang, on a thread that is left behind then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from segcam.errors import DaemonBusy, MediaError
from segcam.pipeline.pipeline import ignore

T = TypeVar("T")

READ_S = 5.0
"""A file that cannot be opened by then lies on storage that hangs."""
MOST_LEFT_BEHIND = 16
"""So many may hang at once; where there are more, the storage is to be mended first."""
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
        """Whether it was done in time; else its result is discarded when it comes."""
        if self._done.wait(limit_s):
            return True
        with self._lock:
            self._given_up = not self._done.is_set() and self.result is None
            return not self._given_up


def beside(
    work: Callable[[], T], limit_s: float, what: str, discard: Callable[[T], object] = ignore
) -> T:
    """Do ``work`` on a thread of its own, and wait for it, but not for ever.

    Args:
        work: What may hang.
        limit_s: Wait no longer.
        what: What is read, for people.
        discard: Called with a result that came too late.

    Raises:
        MediaError: It took too long.
        DaemonBusy: Too much hangs already.
        Exception: Whatever ``work`` raised.
    """
    if not _places.acquire(blocking=False):
        raise DaemonBusy("Too many files hang", what, "See whether their disk answers")
    job = _Work(work, discard)
    threading.Thread(target=job.run, name="segcam-beside", daemon=True).start()
    if not job.wait(limit_s):
        raise MediaError(
            f"{what} cannot be read",
            f"It did not answer within {limit_s:g} s",
            "See whether its disk answers",
        )
    if job.error is not None:
        raise job.error
    return job.result  # type: ignore[return-value]
