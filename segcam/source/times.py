"""The times of a clip's pictures, without the jumps of joined or damaged files."""

from __future__ import annotations

from fractions import Fraction

import av

JUMP_NS = 500_000_000
"""Timestamps that jump back this far mean a joined recording; less is disorder."""
FAR_NS = 10_000_000_000
"""A picture this far ahead, behind the end that the file states, has a damaged time."""
LEAST_STEP_NS = 1_000_000


class Times:
    """Gives each picture its start on the clip's own clock, which continues across joints.

    A picture without a usable time starts at the end of the one before.

    Args:
        start_ns: Start of the clip.
        period_ns: Length of a picture that states none.
        limit_ns: The end that the file states; None: unknown.

    Attributes:
        shift_ns: What joints have added so far.
        end_ns: Expected end of the last picture.
    """

    def __init__(self, start_ns: int, period_ns: int, limit_ns: int | None) -> None:
        self._period_ns, self._limit_ns = period_ns, limit_ns
        self._last_start_ns: int | None = None
        self._shift_before_ns: int | None = None
        self.shift_ns = 0
        self.end_ns = start_ns

    def of(self, picture: av.VideoFrame, base: Fraction) -> tuple[int, int]:
        """Start and end of the next picture.

        Args:
            picture: In the order in which they are shown.
            base: The unit of its times, in seconds.
        """
        length_ns = round((picture.duration or 0) * base * 10**9)
        length_ns = length_ns if length_ns > 0 else self._period_ns
        start_ns = self.end_ns
        if picture.pts is not None:
            start_ns = self._place(round(picture.pts * base * 10**9))
        self._last_start_ns, self.end_ns = start_ns, start_ns + length_ns
        return start_ns, self.end_ns

    def _place(self, own_ns: int) -> int:
        before_ns, self._shift_before_ns = self._shift_before_ns, None
        start_ns, last_ns = own_ns + self.shift_ns, self._last_start_ns
        if last_ns is None:
            return start_ns
        if start_ns > last_ns:
            if before_ns is not None and start_ns > self.end_ns + JUMP_NS:
                goes_on_ns = own_ns + before_ns
                if last_ns < goes_on_ns < self.end_ns + JUMP_NS:  # only one time was damaged
                    self.shift_ns = before_ns
                    return goes_on_ns
            is_far = start_ns > self.end_ns + FAR_NS
            is_behind = self._limit_ns is not None and own_ns > self._limit_ns + 2 * JUMP_NS
            return self.end_ns if is_far and is_behind else start_ns
        if start_ns > last_ns - JUMP_NS:
            return last_ns + LEAST_STEP_NS
        self._shift_before_ns = self.shift_ns
        self.shift_ns += self.end_ns - start_ns
        return self.end_ns
