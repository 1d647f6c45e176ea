"""Lets a thread ask a worker to exchange a part, which the worker does between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from segcam.errors import SegCamError

EXCHANGE_S = 15.0
"""An exchange that takes longer hangs."""

T = TypeVar("T")
R = TypeVar("R")


class _Wish(Generic[T, R]):
    def __init__(self, wanted: T) -> None:
        self.wanted = wanted
        self.done = threading.Event()
        self.result: R | None = None
        self.error: BaseException | None = None


class Exchange(Generic[T, R]):
    """Passes the request to the worker and its result back.

    Args:
        late: Makes the error for a worker that did not start in time.

    Attributes:
        on_ask: Called for each request; wakes a worker that rests.
    """

    def __init__(self, late: Callable[[], SegCamError]) -> None:
        self._late = late
        self.on_ask: Callable[[], object] = lambda: None
        self._asking = threading.Lock()
        self._taking = threading.Lock()
        self._wish: _Wish[T, R] | None = None

    def ask(self, wanted: T, timeout_s: float = EXCHANGE_S) -> R:
        """Have the worker exchange its part for ``wanted``. From any other thread.

        Raises:
            SegCamError: It did not start in time, so it will not do it; or what `serve`'s
                ``exchange`` raised.
        """
        with self._asking:
            wish = self._wish = _Wish(wanted)
            self.on_ask()
            if not wish.done.wait(timeout_s):
                with self._taking:
                    taken, self._wish = self._wish is None, None
                if not taken:
                    raise self._late()
                wish.done.wait()
            if wish.error is not None:
                raise wish.error
            return wish.result  # type: ignore[return-value]

    def serve(self, exchange: Callable[[T], R]) -> bool | None:
        """Carry out a pending request, if there is one. Only the worker calls it, at each step.

        Returns:
            None if there was no request; else whether ``exchange`` succeeded. If it failed, the
            worker must restore its old part.
        """
        wish = self._wish
        if wish is None:  # checked at each step, so without the lock
            return None
        with self._taking:
            wish, self._wish = self._wish, None
        if wish is None:
            return None
        try:
            wish.result = exchange(wish.wanted)
        except BaseException as error:
            wish.error = error
        wish.done.set()
        return wish.error is None
