"""The connection to the running SegCam, on other threads, renewed if it breaks."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from segcam.api import client
from segcam.api.messages import State
from segcam.api.streams import Subscription
from segcam.errors import SegCamError

RETRY_S = 0.5
"""A restarted SegCam takes about this long to answer."""

END_S = 0.2
"""Longest wait for a running question at the end; the system ends it with the process."""

Then = Callable[[Any], object]
Failed = Callable[[SegCamError], object]


def ignore(_: object) -> None:
    """Ignore an answer."""


class Lane:
    """A thread that asks one question after another, so that changes keep their order."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"ui {name}", daemon=True)
        self._thread.start()

    def put(self, job: Callable[[], None]) -> None:
        """Queue a question; never waits."""
        self._jobs.put(job)

    def end(self) -> None:
        """Start no more questions, and wait a short time for the running one."""
        self._ended = True
        self.put(lambda: None)
        self._thread.join(END_S)

    def _run(self) -> None:
        while not self._ended:
            self._jobs.get()()


class Connection(QObject):
    """Follows and asks the running SegCam; signals and answers come on the window's thread.

    Signals:
        state_came: A `State`, first the current one, then each change. counters_came: Figures of
        the last second. lost: The `SegCamError` that says why nobody answers; repeated with each
        try. progressed: A message before a slow step; empty when it is over.
    """

    state_came = Signal(object)
    counters_came = Signal(object)
    lost = Signal(object)
    progressed = Signal(str)
    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answered.connect(self._deliver)
        self._lanes: dict[str, Lane] = {}
        self._closing = threading.Event()
        self._subscription: Subscription | None = None
        self._pending: dict[tuple[str, bool], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def follow(self) -> None:
        """Start following; returns at once."""
        threading.Thread(target=self._follow, name="ui follow", daemon=True).start()

    def close(self) -> None:
        """Stop following. Pending answers are dropped."""
        self._closing.set()
        if self._subscription is not None:
            self._subscription.close()
        for lane in self._lanes.values():
            lane.end()

    def ask(
        self,
        question: Callable[[], Any],
        then: Then = ignore,
        failed: Failed = ignore,
        lane: str = "ask",
    ) -> None:
        """Ask a question on a lane's thread.

        Args:
            question: Calls the running SegCam; runs on the lane's thread.
            then: Gets the answer, on the window's thread.
            failed: Gets the error, on the window's thread.
            lane: Questions of one lane keep their order; other lanes do not wait for them.
        """
        if lane not in self._lanes:
            self._lanes[lane] = Lane(lane)
        self._lanes[lane].put(lambda: self._settle(question, then, failed))

    def change(
        self,
        values: Mapping[str, Any],
        then: Then,
        failed: Failed,
        *,
        once: bool = False,
        lane: str = "set",
    ) -> None:
        """Change settings; changes that come during another one are combined.

        Args:
            values: Settings by name.
            then: Gets the `State`, or None if another change included these.
            failed: Gets the error.
            once: Do not change the settings file.
            lane: As for `ask`.
        """
        with self._lock:
            self._pending.setdefault((lane, once), {}).update(values)
        self.ask(lambda: self._send_pending(lane, once), then, failed, lane)

    def _send_pending(self, lane: str, once: bool) -> State | None:
        with self._lock:
            values = self._pending.pop((lane, once), {})
        if not values:
            return None
        try:
            return client.change(values, once=once, on_progress=self._emit_progress)
        finally:
            self._emit_progress("")

    def _emit_progress(self, text: str) -> None:
        if not self._closing.is_set():
            self.progressed.emit(text)

    def _settle(self, question: Callable[[], Any], then: Then, failed: Failed) -> None:
        try:
            answer = question()
        except SegCamError as error:
            refusal = error
            self._later(lambda: failed(refusal))
        else:
            self._later(lambda: then(answer))

    def _later(self, call: Callable[[], object]) -> None:
        if not self._closing.is_set():
            self._answered.emit(call)

    @Slot(object)
    def _deliver(self, call: Callable[[], object]) -> None:
        if not self._closing.is_set():
            call()

    def _follow(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except SegCamError as error:
                if not self._closing.is_set():
                    self.lost.emit(error)
            self._closing.wait(RETRY_S)

    def _listen(self) -> None:
        """Listen until the other side ends."""
        with client.subscribe() as subscription:
            self._subscription = subscription
            for news in subscription:
                if self._closing.is_set():
                    return
                came = self.state_came if isinstance(news, State) else self.counters_came
                came.emit(news)
