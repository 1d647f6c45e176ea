"""One thread wants a part exchanged; the worker that owns the part does it between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from segcam.errors import SegCamError

EXCHANGE_S = 15.0
"""What was not closed, and another opened, by then hangs."""

T = TypeVar("T")
R = TypeVar("R")


class _Wish(Generic[T, R]):
    def __init__(self, wanted: T) -> None:
        self.wanted = wanted
        self.done = threading.Event()
        self.result: R | None = None
        self.error: BaseException | None = None


class Exchange(Generic[T, R]):
    """Hands over what is wanted, and what came of it.

    Args:
        late: The error for a worker that did not come to it in time.

    Attributes:
        on_ask: Called when something is wanted: wakes a worker that rests.
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
            SegCamError: It did not come to it in time, and will not any more; or what `serve`'s
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
        """Do what was asked for, if anything was. The worker alone, at each step.

        Returns:
            None where nothing was asked for; else whether ``exchange`` went well. Where it failed,
            the worker has to care for its old part.
        """
        wish = self._wish
        if wish is None:  # each step asks: no lock
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
