"""A refine stage with a network in front: sharper hair and hands, for more processor time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.errors import SegCamError, foreign
from segcam.frame import F32, U8, Frame, Size
from segcam.model_card import ModelCard
from segcam.planes import Shrinker
from segcam.refine.base import Refiner

log = logging.getLogger(__name__)


class Network(Protocol):
    """The part of a loaded model that the refine stage needs.

    Attributes:
        input, output: float32, with the card's shapes; write the first, read the second.
    """

    input: F32
    output: F32

    def run(self) -> None:
        """Infer once, from ``input`` to ``output``. Raises SegCamError if ``output`` is invalid."""

    def close(self) -> None:
        """Release the model."""


TRIALS = 8
"""Inferences to time; the fastest one counts, since the first ones set things up, and others share
the processor with parts that are starting."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 120.0
"""Pause before a lost network is loaded again; it grows by a factor of four each time."""
ANYBODY = 0.05
"""The network may change a pixel if the coarse opacity there, or up to 4 pixels away (20 of
1280x720), is at least this: hair that the coarse matte missed is that close. Where nobody is,
networks see people in noise."""
_NEAR = np.ones((9, 9), np.uint8)
_EDGE = np.ones((11, 11), np.uint8)
"""The network should only move edges. If it adds a piece that contains a square of this side (27
pixels of 1280x720), it takes a thing for a body. 9 loses a little hair, 13 admits more things."""
_AROUND = np.ones((21, 21), np.uint8)
"""From the centres of all such squares to their rims, and half a square further."""
_SHOWN = 0.25
"""Opacity from which on the room would be visible after the contrast step."""


class LearnedRefiner:
    """A ``refine.base.Refiner`` that sharpens the matte for the next one. For one thread.

    The coarse matte has been checked, so this stage cannot do harm: if the network fails or its
    answer is invalid, the coarse matte is used unchanged. A lost network is loaded again on another
    thread, with growing pauses.

    Args:
        card: The refiner's model card; for the order of its planes see ``ModelCard.input``.
        load: Loads the model. Called by the first `refine`.
        following: Makes the full-size matte from the sharpened one.
        limit_s: A network that takes longer is given up; None: no limit.
    """

    def __init__(
        self,
        card: ModelCard,
        load: Callable[[], Network],
        following: Refiner,
        limit_s: float | None = None,
    ) -> None:
        self._load, self._following = load, following
        self._network: Network | None = None
        self._given_up = self._nonsense_seen = False
        self._reload: _Reload | None = None
        self._pause_s = FIRST_PAUSE_S
        self._limit_s = limit_s
        self._times_s: list[float] = []
        height, width = card.input.size
        self._sizes: tuple[Size, ...] = (2 * height, 2 * width), (height, width), (height, width)
        self._matte: F32 = np.empty(self._sizes[0], np.float32)
        self._last_answer: F32 = np.empty(0, np.float32)
        self._last_coarse: F32 = np.empty(0, np.float32)  # of the last answer
        self._source: Size | None = None
        self._shrinkers: tuple[Shrinker, ...] = ()

    def refine(self, coarse: F32, frame: Frame, out: U8) -> None:
        """Refine one matte, see ``refine.base.Refiner``. Never fails because of the network."""
        sharpened = not self._given_up and self._sharpen(coarse, frame)
        self._following.refine(self._matte if sharpened else coarse, frame, out)

    @property
    def edges(self) -> str:
        """See `Refiner.edges`."""
        absent = self._given_up or self._reload is not None
        return self._following.edges if absent else "sharp"

    def close(self) -> None:
        """See `Refiner.close`."""
        reload, self._reload = self._reload, None
        if reload is not None:
            reload.cancel()
        network, self._network = self._network, None
        if network is not None:
            network.close()
        self._following.close()

    def _sharpen(self, coarse: F32, frame: Frame) -> bool:
        """Write the sharpened matte; False if there is none."""
        try:
            network = self._take()
            if network is None:
                return False
            self._cut(coarse, frame, network.input[0])
            self._infer(network)
        except Exception as error:  # a refiner never fails because of its network
            known = error if isinstance(error, SegCamError) else foreign(error)
            log.warning("using fast edges: %s", known)
            self._lose(known.transient)
            return False
        if not self._is_answer(network.output[0], coarse):
            self._warn_of_nonsense()
            return False
        for pixels, plane in zip(_phases(self._matte), network.output[0], strict=True):
            np.copyto(pixels, plane)
        np.minimum(self._matte, self._reach_of(coarse), out=self._matte)
        self._drop_bodies(coarse)
        return True

    def _take(self) -> Network | None:
        """The network; None while it is loaded again."""
        if self._reload is not None:
            self._network = self._reload.take()
            if self._network is None:
                return None
            log.info("sharp edges again")
            self._reload = None
        self._network = self._network or self._load()
        return self._network

    def _lose(self, may_pass: bool) -> None:
        """Load it again in the background; give up one that never ran for a lasting reason."""
        network, self._network = self._network, None
        if network is None and not may_pass:
            self._give_up()
            return
        self._reload = _Reload(network, self._load, self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 4 * self._pause_s)

    def _is_answer(self, answer: F32, coarse: F32) -> bool:
        """Whether (4, h, w) ``answer`` is a valid matte that belongs to ``coarse``.

        Real answers to two mattes are never identical: an equal one belongs to an older frame.
        """
        # NaN passes through min and max and fails every comparison.
        if not (answer.min() >= 0 and answer.max() <= 1):
            return False
        if not np.array_equal(answer, self._last_answer):
            self._last_answer, self._last_coarse = answer.copy(), coarse.copy()
            return True
        return np.array_equal(coarse, self._last_coarse) or answer.max() <= _SHOWN

    def _infer(self, network: Network) -> None:
        network.output.fill(np.nan)  # an unwritten output must not pass for an answer
        start = time.perf_counter()
        network.run()
        if self._limit_s is not None and len(self._times_s) < TRIALS:
            self._times_s.append(time.perf_counter() - start)
            quickest_s = min(self._times_s)
            if len(self._times_s) == TRIALS and quickest_s > self._limit_s:
                log.info(
                    "using fast edges: sharp ones would take %.0f ms per frame", 1e3 * quickest_s
                )
                self._give_up()

    def _give_up(self) -> None:
        self._given_up = True
        self.close()

    def _reach_of(self, coarse: F32) -> F32:
        """The highest allowed opacity: no part of the room appears far from any person."""
        reach = np.clip(cv2.dilate(coarse, _NEAR) * np.float32(1 / ANYBODY), 0, 1)
        return np.asarray(cv2.resize(reach, self._matte.shape[::-1]), np.float32)

    def _drop_bodies(self, coarse: F32) -> None:
        """Restore the coarse matte where the network adds more than an edge."""
        given = cv2.resize(coarse, self._matte.shape[::-1])
        added = (self._matte > _SHOWN) & (given < 0.5)
        bodies = cv2.erode(added.view(np.uint8), _EDGE)
        if bodies.any():
            there = cv2.dilate(bodies, _AROUND).view(np.bool_)
            np.minimum(self._matte, given, out=self._matte, where=there)

    def _cut(self, coarse: F32, frame: Frame, out: F32) -> None:
        planes = frame.box_planes
        if frame.box.size != self._source:
            self._shrinkers = tuple(map(Shrinker, (p.shape for p in planes), self._sizes))
            self._source = frame.box.size
        y, u, v = (shrink(plane) for shrink, plane in zip(self._shrinkers, planes, strict=True))
        *picture, matte = out
        for plane, pixels in zip(picture, (*_phases(y), u, v), strict=True):
            np.multiply(pixels, np.float32(1 / 255), out=plane)
        cv2.resize(coarse, matte.shape[::-1], dst=matte)

    def _warn_of_nonsense(self) -> None:
        if not self._nonsense_seen:
            log.warning("the edge network's result is unusable; these frames use fast edges")
        self._nonsense_seen = True


class _Reload:
    """Closes a lost network and loads a new one after a pause, on its own thread."""

    def __init__(self, lost: Network | None, load: Callable[[], Network], pause_s: float) -> None:
        self._lost, self._load, self._pause_s = lost, load, pause_s
        self._changed = threading.Condition()
        self._cancelled = False
        self._fresh: Network | None = None
        threading.Thread(target=self._run, name="segcam-edges", daemon=True).start()

    def take(self) -> Network | None:
        """The loaded network, None if there is none. Never waits."""
        with self._changed:
            network, self._fresh = self._fresh, None
            return network

    def cancel(self) -> None:
        """Stop; a network that is loaded later will be closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify()
        self._drop(self.take())

    def _run(self) -> None:
        if self._lost is not None:
            self._lost.close()
        while self._wait():
            try:
                fresh = self._load()
            except Exception as error:
                log.info("sharp edges are still unavailable: %s", error)
                continue
            with self._changed:
                if not self._cancelled:
                    self._fresh = fresh
                    return
            self._drop(fresh)
            return

    def _wait(self) -> bool:
        """Wait for the pause, and make the next one longer. False: cancelled."""
        with self._changed:
            cancelled = self._changed.wait_for(lambda: self._cancelled, self._pause_s)
        self._pause_s = min(LONGEST_PAUSE_S, 4 * self._pause_s)
        return not cancelled

    @staticmethod
    def _drop(network: Network | None) -> None:
        if network is not None:
            network.close()


def _phases(plane: NDArray[Any]) -> list[NDArray[Any]]:
    """The four views of (2h, 2w), in the model card's order: even rows and columns first."""
    return [plane[row::2, column::2] for row in (0, 1) for column in (0, 1)]
