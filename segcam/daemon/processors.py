"""Keeps the run on the best processor: follows battery and drivers, tries and times backends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segcam.errors import SegCamError, foreign
from segcam.segment.others import IDLE, Others
from segcam.segment.power import on_battery

if TYPE_CHECKING:
    from segcam.daemon.engine import Engine
    from segcam.segment.choose import Choice
    from segcam.segment.probe import ProbeResult

log = logging.getLogger(__name__)

CHOSEN = ("auto", "npu", "gpu")
"""Values of ``--backend`` that leave the choice to SegCam."""
PERIOD_S = 5.0
HOLD_S = 20.0
"""Time on battery, or plugged in again, before anything changes, so that a short interruption loads
nothing."""
GRACE_S = 60.0
"""Backends that were not tried at the start are tried while the camera is off, or after this time
of a call."""
MARKS_S = 300.0
"""Interval of checks of the drivers: an update may make a GPU faster, slower or unusable."""
IDLE_S, AGAIN_S = 15.0, 900.0
"""Backends that were timed on a busy machine are timed again when the camera is off and the machine
has been idle for this long, but not more often than at this interval."""
LEAVE_S = 1.0
"""Longest wait for a trial at the end; its process ends with this one."""


def _marks() -> tuple[str, ...]:
    from segcam.segment.timings import marks

    return marks()


class Processors:
    """A thread that serves an engine. ``with processors:`` starts and stops it.

    Works only if the user leaves the choice to SegCam: ``--backend auto``, ``npu`` or ``gpu``.

    Args:
        engine: Loads the chosen backend.
        battery: Tells whether the machine runs on its battery.
        marks: Identifies the drivers and runtimes.
        others: Tells how busy other programs keep the processors.
    """

    def __init__(
        self,
        engine: Engine,
        battery: Callable[[], bool] = on_battery,
        marks: Callable[[], tuple[str, ...]] = _marks,
        others: Others | None = None,
    ) -> None:
        self._engine, self._battery, self._find_marks = engine, battery, marks
        self._others = others or Others()
        self._idle_since: float | None = None
        self._timed = -AGAIN_S
        self._marks: tuple[str, ...] = ()
        self._marked = -MARKS_S
        self._other_since: float | None = None
        self._started: float | None = None
        self._tried: set[str] = set()  # results may not be stored, as on a full disk
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="segcam-processors", daemon=True)

    def __enter__(self) -> Processors:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(LEAVE_S)

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            try:
                self.look()
            except SegCamError as error:  # others are being loaded; a later look may succeed
                log.info("keeping the backend: %s", error)
            except Exception as error:  # keep looking after any fault
                log.warning("keeping the backend: %s", foreign(error))

    def look(self) -> None:
        """Do what is due.

        Raises:
            SegCamError: The best backend cannot be loaded; the old one stays.
        """
        choice = self._choice()
        if choice is None:
            self._other_since = self._started = None
            return
        now = time.monotonic()
        if self._started is None:
            self._started = now
        if self._drivers_changed(now):
            self._tried.clear()
            self._change("a change of drivers")
            return
        untried = [name for name in choice.untried if name not in self._tried]
        may_time = self._may_time(now)
        if untried and self._may_try(now):
            self._tried.update(untried)
            self._try(choice, untried)
        elif choice.doubtful and may_time:
            self._timed = now
            self._try(choice, choice.doubtful)
        elif self._is_automatic:
            self._follow_battery(choice, now)

    def _follow_battery(self, choice: Choice, now: float) -> None:
        if self._battery() == choice.battery:
            self._other_since = None
        elif self._other_since is None:
            self._other_since = now
        elif now - self._other_since >= HOLD_S:
            self._other_since = None
            self._change("the battery" if not choice.battery else "mains power")

    def _choice(self) -> Choice | None:
        """The current choice; None if the user chose, or nothing runs yet."""
        engine = self._engine
        pipeline = engine.pipeline
        if engine.requested.backend not in CHOSEN or engine.starting or pipeline is None:
            return None
        networks = engine.assembled.networks
        return networks.choice if networks is not None and pipeline.segmenter is not None else None

    def _drivers_changed(self, now: float) -> bool:
        """Whether drivers have changed since the last look."""
        if now - self._marked < MARKS_S:
            return False
        before, self._marks, self._marked = self._marks, self._find_marks(), now
        return bool(before) and before != self._marks

    @property
    def _is_automatic(self) -> bool:
        return self._engine.requested.backend == "auto"

    @property
    def _camera_is_off(self) -> bool:
        assert self._engine.pipeline is not None
        return not self._engine.pipeline.demand.wanted

    def _may_try(self, now: float) -> bool:
        """Whether to try backends now. A user who asked for a GPU or NPU waits for it."""
        assert self._started is not None
        waited = now - self._started >= GRACE_S
        return self._camera_is_off or waited or not self._is_automatic

    def _may_time(self, now: float) -> bool:
        """Whether times measured now would be right, and the last ones are old enough."""
        if self._others.share() > IDLE or not self._camera_is_off:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        idle = self._idle_since is not None and now - self._idle_since >= IDLE_S
        return idle and now - self._timed >= AGAIN_S

    def _try(self, choice: Choice, names: Sequence[str]) -> None:
        """Try backends, and change to a better one."""
        log.info("trying %s", ", ".join(names))
        self._engine.trying = True
        try:
            results = self._results(names)
        finally:
            self._engine.trying = False
        if self._is_automatic or any(each.usable for each in results):
            self._change("the timings")
        else:
            self._settle(choice, results)

    def _settle(self, choice: Choice, results: Sequence[ProbeResult]) -> None:
        """None of the requested kind can be used: say so, and stay on the CPU."""
        from segcam.segment.choose import none_of

        refused = [each for each in choice.refused if not each.postponed]
        error = none_of(self._engine.requested.backend, [*refused, *results])
        assembled = self._engine.assembled
        if assembled.networks is not None and assembled.networks.choice is choice:
            log.warning("%s goes on: %s", choice.name, error)
            explained = replace(choice, untried=(), refused=(), reason=str(error))
            assembled.networks = replace(assembled.networks, choice=explained)
            self._engine.changed()

    def _results(self, names: Sequence[str]) -> list[ProbeResult]:
        from segcam.daemon.economy import thrifty
        from segcam.pipeline.networks import find_segmenter
        from segcam.segment.choose import try_rest
        from segcam.zoo.library import path_for

        settings = thrifty(self._engine.requested, self._engine.saving)
        card, path = find_segmenter(settings.model)
        return try_rest(
            card,
            lambda wanted: path_for(card, path, wanted),
            settings.threads,
            names,
            all_of_them=self._is_automatic,
        )

    def _change(self, cause: str) -> None:
        """Choose again; a new backend takes over as a new model does."""
        before = self._choice()
        self._engine.reload(unless_same=True)
        after = self._choice()
        if before is not None and after is not None and before.name != after.name:
            log.info("%s replaces %s because of %s", after.name, before.name, cause)
        self._engine.changed()
