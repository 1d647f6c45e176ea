"""The window's view of the running SegCam, and its actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from segcam.api import client, start
from segcam.api.messages import State
from segcam.errors import DaemonNotRunning, DaemonOther, SegCamError
from segcam_ui import words
from segcam_ui.connection import Connection, ignore

STOPPED_S = 3.0
"""Time in which a restarted SegCam answers again; otherwise it was ended."""
CRASHES, CRASH_S = 5, 60.0
"""How often SegCam is restarted after crashes; then the user has to do it."""
SLOW = ("model", "backend", "edges", "camera", "size", "fps", "output", "isolate", "threads")
"""Settings that may load or open something, for which a change of background does not wait."""

Row = dict[str, Any]


class Remote(QObject):
    """The state, the lists, and all actions of the user.

    Attributes:
        state: The newest one; None while nobody answers.
        known: Whether there has been a state.
        stopped: Whether SegCam was ended on purpose.
        starts_at_login: Whether SegCam does; None until known.
        lists: The rows of "cameras", "backgrounds", "backends", "models", "settings", "presets".

    Signals:
        changed: The state has changed, or the connection. counted: The state's counters have
        changed. listed: A list has come; gives its name. complained: A `SegCamError`: a request has
        failed. progressed: A message before a slow step; empty when it is over.
    """

    changed = Signal()
    counted = Signal()
    listed = Signal(str)
    complained = Signal(object)
    progressed = Signal(str)

    def __init__(self, start: Callable[[], None], parent: QObject | None = None) -> None:
        """``start`` starts SegCam in the background; it may raise a `SegCamError`."""
        super().__init__(parent)
        self.state: State | None = None
        self.known = False
        self.stopped = False
        self.starts_at_login: bool | None = None
        self.lists: dict[str, list[Row]] = {}
        self._mismatch: SegCamError | None = None
        self._start = start
        self._wanted: dict[str, Any] = {}
        self._confirmed: Mapping[str, Any] = {}
        self._waiting: set[str] = set()
        self._starts: list[float] = []
        self._lost_since = 0.0
        self._starting, self._pid_before = False, 0
        self.connection = Connection(self)
        self.connection.state_came.connect(self._take_state)
        self.connection.counters_came.connect(self._take_counters)
        self.connection.lost.connect(self._lose)
        self.connection.progressed.connect(self.progressed)

    def open(self) -> None:
        """Start following the running SegCam."""
        self.connection.follow()

    def close(self) -> None:
        """Stop following it; it keeps running."""
        self.connection.close()

    # What is known

    @property
    def line(self) -> words.Line:
        """The current state in one line."""
        return words.line(
            self.state, known=self.known, stopped=self.stopped, mismatch=self._mismatch
        )

    def requested(self, name: str, default: Any = "") -> Any:
        """The last requested value of a setting, confirmed or pending, also while it is lost."""
        return self._wanted.get(name, self._confirmed.get(name, default))

    # What can be done

    def change(self, *, once: bool = False, **values: Any) -> None:
        """Change settings; ``once`` does not change the settings file."""
        self._wanted.update(values)
        self.changed.emit()
        lane = "load" if any(name in SLOW for name in values) else "set"

        def done(state: State | None) -> None:
            self._settle(values)
            if state is not None:
                self._take_state(state)

        def refused(error: SegCamError) -> None:
            self._settle(values)
            self.changed.emit()
            self.complained.emit(error)

        self.connection.change(values, done, refused, once=once, lane=lane)

    def _settle(self, values: Row) -> None:
        """These are no longer pending, but later ones are."""
        for name, value in values.items():
            if self._wanted.get(name) == value:
                del self._wanted[name]

    def refresh(self, name: str) -> None:
        """Request a list again, unless a request for it still waits; `listed` follows."""
        if name in self._waiting:
            return
        self._waiting.add(name)

        def ask() -> Row:
            self._waiting.discard(name)  # what changes from now on may be missing in the answer
            return client.request("describe" if name == "settings" else name)

        lane = "probe" if name == "backends" else "ask"
        self.connection.ask(ask, lambda answer: self.take(name, answer), lane=lane)

    def act(self, request: str, *lists: str, **fields: Any) -> None:
        """Run an action, then request the lists that it changes."""

        def done(answer: Row) -> None:
            for name in lists:
                self.take(name, answer) if name in answer else self.refresh(name)

        self.connection.ask(
            lambda: client.request(request, **fields), done, self.complained.emit, lane="set"
        )

    def pause(self, paused: bool) -> None:
        """Switch the camera off for everybody, or on again."""
        self.act("pause" if paused else "resume")

    def set_autostart(self, on: bool | None) -> None:
        """Switch the start at login on or off; None only asks."""

        def done(answer: Row) -> None:
            self.starts_at_login = bool(answer["on"])
            self.changed.emit()

        def refused(error: SegCamError) -> None:
            self.changed.emit()
            self.complained.emit(error)

        self.connection.ask(
            lambda: client.autostart(on), done, refused if on is not None else ignore
        )

    def start(self) -> None:
        """Start SegCam; errors go to `complained`."""
        self._have_started(self._start)

    def _have_started(self, start_it: Callable[[], object]) -> None:
        self.stopped, self._starting = False, True
        self._pid_before = self.state.pid if self.state is not None else 0
        self.changed.emit()
        self.connection.ask(start_it, self._is_started, self._not_started, lane="start")

    def restart(self) -> None:
        """Restart SegCam, so that it finds new parts of this computer."""

        def again() -> None:
            with suppress(DaemonNotRunning):
                start.stop()
            self._start()

        self._have_started(again)

    def end(self) -> None:
        """End the running SegCam, without waiting for it."""
        with suppress(SegCamError):  # it has already ended
            client.stop()

    # What comes

    def _take_state(self, state: State) -> None:
        old = self.state
        if old is not None and old.pid == state.pid and old.revision > state.revision:
            return  # an answer and a message may arrive in either order
        self.state, self._confirmed = state, state.requested
        self.known, self.stopped, self._mismatch = True, False, None
        if state.phase != "starting" and state.pid != self._pid_before:
            self._starting = False
        self._lost_since = 0.0
        self.changed.emit()
        if old is None:
            for name in ("backgrounds", "cameras", "presets", "settings"):
                self.refresh(name)

    def _take_counters(self, counters: Any) -> None:
        if self.state is not None:
            self.state = replace(
                self.state, counters=counters.counters, stages_ms=counters.stages_ms
            )
            self.counted.emit()

    def take(self, name: str, answer: Row) -> None:
        """Use a list that came with an answer."""
        rows = answer.get(name, [])
        if name == "presets":
            rows = [{"name": key, "values": rows[key]} for key in rows]
        self.lists[name] = rows
        self.listed.emit(name)

    def _lose(self, error: SegCamError) -> None:
        if isinstance(error, DaemonOther):
            self._meet_other(error)
            return
        self._mismatch = None
        now = time.monotonic()
        if self.state is not None or not self._lost_since:
            self._lost_since = now
            self.state = None
            self._wanted = {}
            self.changed.emit()
            if not self.known:
                self.start()
        elif now - self._lost_since > STOPPED_S and not (self.stopped or self._starting):
            self._revive(error)

    def _meet_other(self, error: DaemonOther) -> None:
        """Report that another version runs, which the user may end; it is not lost."""
        if self._mismatch is None:
            self.state, self._mismatch = None, error
            self.changed.emit()

    def _revive(self, error: SegCamError) -> None:
        """Start SegCam again after a crash; if it was ended on purpose, offer to."""
        if not isinstance(error, DaemonNotRunning):
            return  # it exists but does not answer; try again
        crashed = isinstance(error.__cause__, ConnectionRefusedError)
        now = time.monotonic()
        self._starts = [start for start in self._starts if now - start < CRASH_S]
        if crashed and len(self._starts) < CRASHES:
            self._starts.append(now)
            self.start()
            return
        self.stopped = True
        self.changed.emit()

    def _is_started(self, _: object) -> None:
        self._starting = False
        self._lost_since = time.monotonic()

    def _not_started(self, error: SegCamError) -> None:
        if not self._starting:
            return  # it did start, but was lost before this answer came
        self.stopped, self._starting = True, False
        self.changed.emit()
        self.complained.emit(error)
