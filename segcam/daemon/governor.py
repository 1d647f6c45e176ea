"""Decides which steps keep the run inside the processor budget.

It only decides: no thread, no clock, no pipeline. `economy.py` measures and applies the steps.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Step = Literal["fast edges", "smaller model", "fewer frames"]
"""Steps that save processor time, in this order. None shows more of the room: every matte is made
from its own frame."""
STEPS: tuple[Step, ...] = get_args(Step)

DROPS = 0.05
"""From this share of dropped frames on, the frame rate is not met."""
PATIENCE = 3
"""Loads in a row, one a second, that must be too high, so that a spike has no effect."""
SETTLING = 3
"""Loads to ignore after a change, since loading a model takes time itself."""
ROOM = 0.85
"""A step is undone if the load then fits into this share of the budget. Below 1, so that a load
near the budget does not oscillate."""
MOST_SAVED = 0.6
"""No step saves a larger share. If more is measured, the load has fallen for another reason."""
FIRST_WAIT_S, LONGEST_WAIT_S = 20.0, 1280.0
"""Time with a low load before a step is undone; doubled each time the step has to be taken
again."""


@dataclass(frozen=True, slots=True)
class Load:
    """The load of one second.

    Attributes:
        cores: Processors kept busy on average, all processes of the run together.
        drops: Share of the frames that were dropped, 0..1.
    """

    cores: float
    drops: float = 0.0


@dataclass(slots=True)
class _Taken:
    step: Step
    before: Load
    saved: float | None = None
    """Share of the cost; known after the settling time."""


@dataclass(slots=True)
class Governor:
    """Takes one load a second and decides which steps are in effect. For one thread."""

    _taken: list[_Taken] = field(default_factory=list)
    _recent: list[Load] = field(default_factory=list)
    _settling: int = 0
    _roomy_s: float | None = None
    _waits_s: dict[Step, float] = field(default_factory=dict)

    @property
    def steps(self) -> Sequence[Step]:
        """The steps in effect, in the order in which they were taken."""
        return tuple(taken.step for taken in self._taken)

    def decide(
        self, load: Load, budget: float, offered: Collection[Step], now_s: float
    ) -> Sequence[Step]:
        """Process a load.

        Args:
            load: Of the last second.
            budget: Processors that may be kept busy; infinite: no limit.
            offered: Steps that would save something at present.
            now_s: Any clock.

        Returns:
            The steps that should be in effect: one more, one less, or the same.
        """
        if self._settling:
            self._settle(load)
            return self.steps
        self._recent = [*self._recent, load][-PATIENCE:]
        if len(self._recent) == PATIENCE and all(_is_over(each, budget) for each in self._recent):
            self._roomy_s = None
            self._take(offered)
        elif self._taken and self._has_room(budget):
            self._roomy_s = now_s if self._roomy_s is None else self._roomy_s
            if now_s - self._roomy_s >= self._waits_s.get(self._taken[-1].step, FIRST_WAIT_S):
                self._undo()
        else:
            self._roomy_s = None
        return self.steps

    def begin_anew(self) -> None:
        """Drop all steps: the request has changed."""
        self._taken.clear()
        self._waits_s.clear()
        self._change()

    def _take(self, offered: Collection[Step]) -> None:
        step = next((s for s in STEPS if s in offered and s not in self.steps), None)
        if step is None:
            return
        if step in self._waits_s:  # it was undone too early
            self._waits_s[step] = min(2 * self._waits_s[step], LONGEST_WAIT_S)
        self._taken.append(_Taken(step, self._mean()))
        self._change()

    def _undo(self) -> None:
        step = self._taken.pop().step
        self._waits_s.setdefault(step, FIRST_WAIT_S)
        self._change()

    def _change(self) -> None:
        self._recent.clear()
        self._settling, self._roomy_s = SETTLING, None

    def _settle(self, load: Load) -> None:
        self._settling -= 1
        if not self._settling and self._taken and self._taken[-1].saved is None:
            last = self._taken[-1]
            share = 1 - load.cores / last.before.cores if last.before.cores else 0.0
            last.saved = min(max(share, 0.0), MOST_SAVED)

    def _has_room(self, budget: float) -> bool:
        """Whether the last step can be undone: its savings must fit in, with a reserve."""
        mean, saved = self._mean(), self._taken[-1].saved or 0.0
        return mean.cores / (1 - saved) <= ROOM * budget and mean.drops < DROPS / 5

    def _mean(self) -> Load:
        return Load(
            statistics.mean(each.cores for each in self._recent),
            statistics.mean(each.drops for each in self._recent),
        )


def _is_over(load: Load, budget: float) -> bool:
    return load.cores > budget or load.drops > DROPS
