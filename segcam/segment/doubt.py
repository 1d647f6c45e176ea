"""Decides whether what the model has just found is a person or a piece of the room.

Somebody whom a closer look shows with a certain body is a person. Where much of the body is pale,
the model looks at the mirrored picture, too: a person remains, but a piece of furniture often
becomes a different shape, or vanishes. Then it is room.
"""

from __future__ import annotations

import numpy as np

from segcam.frame import F32

LIKELY, CERTAIN = 0.5, 0.9
"""Opacities from which on a pixel is likely, and certain, to show a person."""
CONVINCING = 0.7
"""Share of the likely pixels that are certain, from which on no mirrored look is needed."""
AGREE = 0.25
"""Least intersection over union of the likely pixels of both looks, of a person."""
CLEARLY = 0.1
"""Difference of these shares of two looks, from which on one is better than the other."""
AGAIN_NS = 500_000_000
"""Time from a denial until something is looked at closely again."""


class Doubt:
    """Remembers what is not confirmed yet. For one thread."""

    def __init__(self) -> None:
        self._unconfirmed = False
        self._denied_ns: int | None = None

    @property
    def denied(self) -> bool:
        """Whether nobody was confirmed after the last denial."""
        return self._denied_ns is not None

    def begin(self) -> None:
        """Something was found that no closer look has confirmed."""
        self._unconfirmed = True

    def believe(self) -> None:
        """It is a person."""
        self._unconfirmed, self._denied_ns = False, None

    def rests(self, now_ns: int) -> bool:
        """Whether it is too soon after a denial for another closer look."""
        return self._denied_ns is not None and 0 <= now_ns - self._denied_ns < AGAIN_NS

    def doubts(self, matte: F32) -> bool:
        """Whether a mirrored look is needed; a convincing person is believed.

        Args:
            matte: Of the closer look, float32 (h, w), 0..1, borrowed.
        """
        if not self._unconfirmed or not (matte > LIKELY).any():
            return False
        if certainty(matte) < CONVINCING:
            return True
        self.believe()
        return False

    def denies(self, matte: F32, mirrored: F32, now_ns: int) -> bool:
        """Whether two looks show that it is no person.

        Args:
            matte: Of the closer look, float32 (h, w), 0..1, borrowed.
            mirrored: The same of the mirrored picture, turned back.
            now_ns: When the frame was taken.
        """
        one, other = matte > LIKELY, mirrored > LIKELY
        if np.count_nonzero(one & other) >= AGREE * np.count_nonzero(one | other):
            self.believe()
            return False
        self._unconfirmed, self._denied_ns = False, now_ns
        return True


def certainty(matte: F32) -> float:
    """Share of the likely pixels that are certain; 0 without any."""
    likely = int(np.count_nonzero(matte > LIKELY))
    return int(np.count_nonzero(matte > CERTAIN)) / max(1, likely)
