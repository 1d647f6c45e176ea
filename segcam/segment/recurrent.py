"""Decides how long a recurrent model may build on what it remembers."""

from __future__ import annotations

from segcam.frame import Frame, Size

LONGEST_NS = 1_000_000_000
"""After a longer gap the model begins anew: the person has moved, or the camera was off."""


class Memory:
    """Knows which frame a model's state belongs to. For one thread.

    A state is of no use, and may show what is no longer there, after a cut, a gap, a change of the
    picture's size, an error or a rejected answer.
    """

    def __init__(self) -> None:
        self._seen: tuple[Size, int] | None = None

    def fits(self, frame: Frame) -> bool:
        """Whether the state may be used for this frame."""
        if self._seen is None or frame.cut:
            return False
        size, seen_ns = self._seen
        return size == frame.size and 0 <= frame.captured_ns - seen_ns <= LONGEST_NS

    def saw(self, frame: Frame) -> None:
        """The state now belongs to this frame."""
        self._seen = frame.size, frame.captured_ns

    def forget(self) -> None:
        """The state belongs to no frame."""
        self._seen = None
