"""Plays a clip at a constant rate by repeating or dropping pictures; its speed stays the same."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from segcam.source.reel import Reel, Shot

_SLACK = 8
"""A picture that is late by up to this part of a period still belongs to its tick: many formats
round times to milliseconds."""


class Ticks:
    """Gives the picture for each tick of a clock, from a clip's start to its end.

    Args:
        reel: The clip; not closed here.
        rate_hz: Ticks per second.
    """

    def __init__(self, reel: Reel, rate_hz: Fraction) -> None:
        self._reel = reel
        self._period_ns = Fraction(10**9) / rate_hz
        self._slack_ns = self._period_ns / _SLACK
        self._tick = 0
        self._now: Shot | None = None
        self._next: Shot | None = None
        self._is_over = False

    def read(self) -> Shot | None:
        """The picture of the next tick, with that tick's times; None at the end.

        Raises:
            MediaError: The clip breaks off.
        """
        at_ns = self._reel.start_ns + self._tick * self._period_ns
        self._advance_to(at_ns + self._slack_ns)
        if self._now is None:
            return None
        if self._tick and self._is_over and at_ns + self._slack_ns >= self._reel.end_ns:
            return None
        self._tick += 1
        return replace(self._now, start_ns=round(at_ns), end_ns=round(at_ns + self._period_ns))

    def _advance_to(self, until_ns: Fraction) -> None:
        while not self._is_over:
            if self._next is not None:
                if self._now is not None and self._next.start_ns > until_ns:
                    return
                self._now = self._next
            self._next = self._reel.read()
            self._is_over = self._next is None
