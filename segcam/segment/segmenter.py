"""Turns a frame into a coarse matte, and checks the matte before it is used."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from segcam.box import Box
from segcam.errors import MatteRejected
from segcam.frame import F32, U8, Frame, Size
from segcam.model_card import ModelCard
from segcam.segment.answer import VISIBLE, checked_range, rejected, sigmoid
from segcam.segment.base import AnswerImpossible, Backend
from segcam.segment.doubt import CLEARLY, certainty
from segcam.segment.follow import ENDLESS, Follower, Kept
from segcam.segment.memory import Tensors
from segcam.segment.recurrent import Memory
from segcam.segment.search import Search
from segcam.segment.tensor import TensorCutter
from segcam.segment.unchanged import Unchanged

_UNCHANGED = 0.1
"""Mean difference, in levels of 0..255, up to which two model inputs count as the same picture. The
noise of a real camera alone is larger."""


class ModelSegmenter:
    """One model on one backend. Opened, used and closed on one thread.

    Args:
        card: The model card.
        path: Its file, in the format that ``backend`` reads.
        backend: Owned from here on.
        threads: Intra-op threads, if the device is the CPU.
        follow: Look only at the person's box. False: always at the whole picture, as every
            recurrent model does.
        compiles: See ``segcam.segment.base.Segmenter``.
    """

    def __init__(
        self,
        card: ModelCard,
        path: Path,
        backend: Backend,
        threads: int = 1,
        *,
        follow: bool = True,
        compiles: bool = False,
    ) -> None:
        self.backend = backend
        self.model, self.compiles = card.name, compiles
        self._card, self._path, self._threads = card, path, threads
        self._cutter, self._looks = TensorCutter(card), TensorCutter(card)
        # A recurrent model sees one picture after the other: a look elsewhere would mix two.
        self._follow = follow = follow and not card.state
        self._follower = Follower(card.input.size if follow else ENDLESS)
        self._memory = Memory()
        self._searching = Search()
        self._tensors: Tensors | None = None
        self._unchanged = Unchanged(card.input.size)
        self._matte: F32 = np.empty(card.output.size, np.float32)
        self._elsewhere: F32 = np.empty(card.output.size, np.float32)
        self._whole: F32 = np.empty(card.input.shape, np.float32)
        self._put_off: tuple[Kept, U8] | None = None
        self._box: Box | None = None
        # Of the frame that last got a new answer.
        self._last_picture = np.zeros((*card.input.size, 3), np.uint8)
        self._last_answer = np.full(card.output.size, np.nan, np.float32)

    @property
    def matte_size(self) -> Size:
        """(h, w) of the mattes."""
        return self._card.output.size

    @property
    def owes_look(self) -> bool:
        """See ``Segmenter.owes_look``."""
        return self._put_off is not None

    def open(self) -> None:
        """Load the model.

        Raises:
            BackendUnavailable, BackendFailed, ModelMismatch: As ``Backend.load``.
        """
        self._unchanged.forget()
        self._memory.forget()
        self._put_off = None
        offered = Tensors(self._card)
        self._tensors = self.backend.load(self._card, self._path, offered, self._threads)

    def segment(self, frame: Frame, out: F32) -> bool:
        """Give one frame its matte.

        Args:
            frame: Any size. Borrowed; its box is set to the part that the model has seen.
            out: float32 (h, w) of ``matte_size``: 0 background to 1 person, inside of the box.

        Returns:
            Whether it was inferred. If nothing has moved, it is the previous one, see `Unchanged`.

        Raises:
            BackendFailed: The model could not be run.
            MatteRejected: The answer was invalid; ``out`` is undefined in both cases.
            AnswerImpossible: The same, and no network gives such an answer.
        """
        try:
            if not frame.cut:
                self._look_around()
            if self._card.state:
                return self._remembering(frame, out)
            return self._segment(frame, out)
        except MatteRejected:
            self._follower.forget()
            raise

    def look_around(self) -> None:
        """Look at the whole of the last frame, if that is due, see `Follower`.

        Call it when that frame has been sent. Otherwise the next `segment` does it.

        Raises:
            BackendFailed, MatteRejected, AnswerImpossible: As `segment`.
        """
        try:
            self._look_around()
        except MatteRejected:
            self._follower.forget()
            raise

    def _look_around(self) -> None:
        if self._put_off is None:
            return
        assert self._tensors is not None
        (frame, picture), self._put_off = self._put_off, None
        np.copyto(self._tensors.input, self._whole)
        self._infer(picture, self._tensors.output, self._elsewhere)
        self._follower.saw_whole(self._elsewhere, frame)

    def _remembering(self, frame: Frame, out: F32) -> bool:
        """Give one frame its matte by a recurrent model."""
        if not self._memory.fits(frame):
            self.backend.forget()
        self._memory.forget()  # unless this succeeds
        inferred = self._segment(frame, out)
        self._memory.saw(frame)
        return inferred

    def _segment(self, frame: Frame, out: F32) -> bool:
        assert self._tensors is not None
        follower = self._follower
        if follower.wants_whole(frame) and not self._may_wait(frame):
            self._look(Box.whole(frame.size), frame, out)
            self._unchanged.forget()
            follower.saw_whole(out, frame)
            self._search(frame)
            if follower.box_of(frame) == frame.box:
                return True
        frame.look_at(follower.box_of(frame))
        picture = self._cutter.cut(frame, self._tensors.input)
        unchanged = self._unchanged.lasts(picture, frame.captured_ns)
        if unchanged and not frame.cut and frame.box == self._box:
            np.copyto(out, self._matte)
            return False
        self._unchanged.forget()
        self._infer(picture, self._tensors.output, out)
        if self._is_room(picture, out, frame):
            self._search_instead(frame, out)
            return True
        self._box = frame.box
        follower.saw(out, frame)
        if follower.denied:
            out.fill(0)
        np.copyto(self._matte, out)
        self._unchanged.remember(out)
        self._search(frame)
        return True

    def _is_room(self, picture: U8, matte: F32, frame: Frame) -> bool:
        """Whether nobody is in the box: the mirrored picture has another matte, see `Doubt`.

        Otherwise the matte becomes the mirrored look's, if that is clearly more certain.
        """
        assert self._tensors is not None
        if not self._follower.doubts(matte, frame):
            return False
        self._cutter.mirror(self._tensors.input)
        turned = np.asarray(cv2.flip(picture, 1), np.uint8)
        self._infer(turned, self._tensors.output, self._elsewhere)
        mirrored = self._elsewhere[:, ::-1]
        if self._follower.denies(matte, mirrored, frame):
            return True
        if certainty(mirrored) > certainty(matte) + CLEARLY:
            np.copyto(matte, mirrored)
        return False

    def _search_instead(self, frame: Frame, out: F32) -> None:
        """Show only somebody small: what was in the box is room."""
        frame.look_at(Box.whole(frame.size))
        out.fill(0)
        self._search(frame)
        box = self._follower.box_of(frame)
        if box == frame.box:
            return
        if self._is_room(self._look(box, frame, out), out, frame):
            out.fill(0)
        else:
            self._follower.saw(out, frame)

    def _may_wait(self, frame: Frame) -> bool:
        """Whether to put off the look at the whole frame."""
        if not self._follower.may_wait(frame):
            return False
        frame.look_at(Box.whole(frame.size))
        self._put_off = Kept.of(frame), self._looks.cut(frame, self._whole)
        return True

    def _search(self, frame: Frame) -> None:
        """If nobody was found, look for small people. The next box is around them."""
        if not (self._follow and self._follower.found_nobody and self._searching.is_due(frame)):
            return
        box = frame.box
        for place in self._searching.places(frame, self._follower.moving(frame)):
            with suppress(MatteRejected):  # it took a part of the room for one large person
                self._look(place, frame, self._elsewhere)
                person = self._searching.saw(self._elsewhere, place, frame)
                if person is not None:
                    self._follower.begin_at(person, frame)
                    break
        frame.look_at(box)

    def _look(self, box: Box, frame: Frame, out: F32) -> U8:
        """Infer any part of the frame; returns its picture, until the next look."""
        assert self._tensors is not None
        self._put_off = None  # this picture overwrites its picture
        frame.look_at(box)
        picture = self._looks.cut(frame, self._tensors.input)
        self._infer(picture, self._tensors.output, out)
        return picture

    def close(self) -> None:
        """Release the model. Never fails; may be called twice."""
        self.backend.close()
        self._tensors = None

    def _infer(self, picture: U8, answer: F32, out: F32) -> None:
        answer.fill(np.nan)  # an unwritten output must not pass for an answer
        self.backend.run()
        # Check a private copy, since a driver may still write into the output.
        np.copyto(out, answer.reshape(out.shape))
        old = self._is_old(picture, out)
        if self._card.activation == "sigmoid":
            sigmoid(out)
        low, high = checked_range(out)
        if old and high > VISIBLE:
            reason = "it is identical to the answer for an earlier picture"
            raise rejected(reason, AnswerImpossible)
        if low < 0 or high > 1:
            np.clip(out, 0, 1, out=out)

    def _is_old(self, picture: U8, answer: F32) -> bool:
        """Whether the answer is that of another picture: real answers are never identical."""
        middle = answer.shape[0] // 2  # two different answers differ in this row
        if not (
            np.array_equal(answer[middle], self._last_answer[middle])
            and np.array_equal(answer, self._last_answer)
        ):
            np.copyto(self._last_answer, answer)
            np.copyto(self._last_picture, picture)
            return False
        return cv2.norm(picture, self._last_picture, cv2.NORM_L1) > _UNCHANGED * picture.size
