"""Decides which part of the picture the model looks at: the part around the person.

A model sees a person who fills its input more finely than one who is small in the whole picture, at
the same cost. So its input is cut around the last matte. It looks at the whole picture at least
twice a second, and sooner when something changes outside the box, when the person comes near the
box's rim, and when the matte shrinks suddenly. Everything outside the box is room. A routine look
at the whole picture comes after the frame, so that no viewer waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.box import Box
from segcam.frame import F32, U8, Frame, Size
from segcam.segment.doubt import Doubt
from segcam.segment.person import Person, with_margin

WHOLE = 0.88
"""A box larger than this share of the picture is not worthwhile."""
LOOK_NS = 500_000_000
"""Interval of looks at the whole picture."""
SOONEST_NS = 100_000_000
"""Least time between two looks at the whole picture: each costs an extra inference."""
SHRINK_NS = 1_000_000_000
"""A box that has been too large for this long shrinks."""
TOO_LARGE = 0.8
"""A box is too large if this share of its pixels would be enough."""
LOST = 0.5
"""If a person shrinks to this share between two mattes, the box may have lost them."""
CELLS = (18, 32)
"""Rows and columns of the cells in which the room is compared."""
CHANGE = 12
"""Levels of 0..255: if a cell outside the box changes more, something may have entered."""

STIR = 6
"""The same while nobody is found: a person far away fills only a part of a cell."""

ENDLESS: Size = (1 << 20, 1 << 20)
"""As the smallest box, it makes every box the whole picture."""


class Seen(Protocol):
    """The parts of a frame that the follower needs."""

    captured_ns: int
    cut: bool

    @property
    def size(self) -> Size:
        """See `Frame.size`."""

    @property
    def small(self) -> tuple[U8, U8, U8]:
        """See `Frame.small`."""


@dataclass(slots=True)
class Kept:
    """A copy of these, kept after the frame has been passed on."""

    captured_ns: int
    cut: bool
    size: Size
    small: tuple[U8, U8, U8]

    @classmethod
    def of(cls, frame: Frame) -> Kept:
        """A copy."""
        y, u, v = (plane.copy() for plane in frame.small)
        return cls(frame.captured_ns, frame.cut, frame.size, (y, u, v))


class Follower:
    """Keeps the box around the person. For one thread.

    Args:
        least: (h, w) of the smallest box: the model's input, which cannot show more.
    """

    def __init__(self, least: Size) -> None:
        self._least = least
        self._size: Size = (0, 0)
        self._box = Box.whole(self._size)
        self._inside = self._box
        self._share = 0.0
        self._doubt = Doubt()
        self._looked_ns = self._fitting_ns = self._compared_ns = 0
        self._anxious = self.found_nobody = False
        self._room = np.zeros((3, *CELLS), np.uint8)
        self._before = self._room
        self._outside = np.zeros(CELLS, np.bool_)

    def forget(self) -> None:
        """Forget the person: the scene was cut, or the last matte was invalid."""
        self._size = (0, 0)

    def box_of(self, frame: Frame) -> Box:
        """Where the model should look in this frame."""
        if self._size != frame.size:
            return Box.whole(frame.size)
        return self._box

    def wants_whole(self, frame: Frame) -> bool:
        """Whether the whole of this frame should be looked at before its box."""
        if frame.cut or self._size != frame.size:
            return True
        if self._box.size == frame.size:
            return False  # the box is the whole picture already
        age_ns = frame.captured_ns - self._looked_ns
        if not 0 <= age_ns < LOOK_NS:
            return True
        if age_ns < SOONEST_NS:
            return False
        return self._anxious or (self._may_compare(frame) and self._has_entered(frame))

    def may_wait(self, frame: Frame) -> bool:
        """Whether the look may come after the frame: it is wanted only because time is up."""
        known = not frame.cut and self._size == frame.size and not self._anxious
        return known and 0 <= frame.captured_ns - self._looked_ns < 2 * LOOK_NS

    def saw_whole(self, matte: F32, frame: Seen) -> None:
        """Process the matte of a whole frame, float32 (h, w), 0..1, borrowed."""
        fresh = frame.cut or self._size != frame.size
        whole = Box.whole(frame.size)
        around = Person(matte).around(whole, frame.size, self._least)
        if fresh or self._box == whole:
            around = self._doubted(around, fresh, frame)
            self.found_nobody = around is None
        else:
            self.found_nobody = False
        if fresh:
            self._size, self._share = frame.size, 0.0
            self._set(around or whole, frame)
        elif self._box == whole:
            self._fit(around or whole, frame)
        else:
            self._fit(self._inside.joined(around) if around else self._inside, frame)
        self._looked_ns, self._anxious = frame.captured_ns, False
        self._note_room(frame)

    def saw(self, matte: F32, frame: Frame) -> None:
        """Process the matte of the frame's box, float32 (h, w), 0..1, borrowed."""
        box = frame.box
        if box.size == frame.size:
            self.saw_whole(matte, frame)
            return
        person = Person(matte)
        share = person.share * box.area
        self._anxious |= share < LOST * self._share
        self._share = share
        around = person.around(box, frame.size, self._least)
        if around is None:
            self._set(Box.whole(frame.size), frame)
            return
        self._inside = around
        if person.touches(box, frame.size):
            self._anxious = True
            self._set(box.joined(around), frame)

    def doubts(self, matte: F32, frame: Frame) -> bool:
        """Whether the matte of the frame's box needs a mirrored look, see `Doubt`."""
        return frame.box.size != frame.size and self._doubt.doubts(matte)

    def denies(self, matte: F32, mirrored: F32, frame: Frame) -> bool:
        """Whether the mattes of the frame's box and of the mirrored box show that nobody is there.

        Then the whole picture is next, and a search for people who are too small for it.
        """
        if not self._doubt.denies(matte, mirrored, frame.captured_ns):
            return False
        self._set(Box.whole(frame.size), frame)
        self.found_nobody = True
        return True

    @property
    def denied(self) -> bool:
        """Whether what is seen in the whole picture is room, until a closer look confirms it."""
        return self._doubt.denied

    def begin_at(self, person: Box, frame: Frame) -> None:
        """Follow a person who was found by a search; the box has no margin."""
        self._set(with_margin(person, frame.size, self._least), frame)
        self._doubt.begin()
        self.found_nobody = False

    def moving(self, frame: Frame) -> NDArray[np.bool_]:
        """Cells that have changed since the last call."""
        cells = _cells(frame)
        moving = _change(cells, self._before) > STIR
        self._before = cells
        return moving

    def _doubted(self, around: Box | None, fresh: bool, frame: Seen) -> Box | None:
        """The box of somebody new, or None if it was denied a moment ago."""
        height, width = frame.size
        if fresh or (around and around.area > WHOLE * height * width):
            self._doubt.believe()  # this scene has no denial, or no look could be closer
        if self._doubt.rests(frame.captured_ns):
            return None
        self._doubt.begin()
        return around

    def _fit(self, wanted: Box, frame: Seen) -> None:
        if not self._box.holds(wanted):
            self._set(self._box.joined(wanted), frame)
        elif wanted.area > TOO_LARGE * self._box.area:
            self._fitting_ns = frame.captured_ns
        elif frame.captured_ns - self._fitting_ns >= SHRINK_NS:
            self._set(wanted, frame)

    def _set(self, box: Box, frame: Seen) -> None:
        whole = Box.whole(frame.size)
        self._box = whole if box.area > WHOLE * whole.area else box
        self._inside = self._box
        self._fitting_ns = frame.captured_ns
        self._note_room(frame)

    def _note_room(self, frame: Seen) -> None:
        if self._box.size == frame.size:
            return  # the box is the whole picture
        self._room = _cells(frame)
        self._outside[:] = True
        height, width = frame.size
        rows = slice(self._box.top * CELLS[0] // height, -(-self._box.bottom * CELLS[0] // height))
        columns = slice(self._box.left * CELLS[1] // width, -(-self._box.right * CELLS[1] // width))
        self._outside[rows, columns] = False

    def _may_compare(self, frame: Frame) -> bool:
        """Whether the last comparison of the room is old enough: each costs a tenth of a look."""
        if 0 <= frame.captured_ns - self._compared_ns < SOONEST_NS:
            return False
        self._compared_ns = frame.captured_ns
        return True

    def _has_entered(self, frame: Frame) -> bool:
        return bool((_change(_cells(frame), self._room) > CHANGE)[self._outside].any())


def _change(cells: U8, before: U8) -> U8:
    """The largest change of a colour in each cell."""
    change: U8 = np.asarray(cv2.absdiff(cells, before), np.uint8).max(axis=0)
    return change


def _cells(frame: Seen) -> U8:
    size = CELLS[::-1]
    return np.stack(
        [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in frame.small]
    ).astype(np.uint8, copy=False)
