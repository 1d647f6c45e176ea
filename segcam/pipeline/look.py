"""How frames become pictures: exchanged as a whole by any thread, read once per frame."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segcam.composite.compositor import Compositor
from segcam.errors import SinkError
from segcam.frame import BLACK, Frame
from segcam.refine.base import Refiner


@dataclass(frozen=True, slots=True)
class Look:
    """How one frame is drawn.

    Attributes:
        compositor: Makes the picture that is sent.
        refiner: Makes the full-size matte.
        mirror: Swap left and right.
    """

    compositor: Compositor
    refiner: Refiner
    mirror: bool = False


class CurrentLook:
    """The look that is used now. From any thread."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._at_work: Look | None = None
        self._done = threading.Condition()

    @property
    def look(self) -> Look:
        """For frames on their way; what is sent follows `used`."""
        return self._look

    @contextmanager
    def used(self) -> Iterator[Look]:
        """The look of one frame, from its making until it was sent. The output worker's alone."""
        with self._done:
            look = self._at_work = self._look
        try:
            yield look
        finally:
            with self._done:
                self._at_work = None
                self._done.notify_all()

    def change(self, timeout_s: float, **parts: Any) -> bool:
        """Exchange parts of the look, and wait for the frame that may be in the making.

        Args:
            timeout_s: Wait no longer.
            parts: Attributes of `Look`.

        Returns:
            Whether no frame of an earlier look will be sent any more. False: one still is.
        """
        with self._done:
            self._look = replace(self._look, **parts)
            earlier = self._at_work
            return self._done.wait_for(
                lambda: earlier is None or self._at_work is not earlier, timeout_s
            )

    def exchange(self, timeout_s: float, settle: Callable[[float], bool], **parts: Any) -> None:
        """`change`, once what is new is loaded; then close what is old.

        Args:
            timeout_s: Wait no longer.
            settle: Of the sink: waits until it has passed on what it was sent.
            parts: Attributes of `Look`.

        Raises:
            SinkError: It holds for all frames to come, but an output hangs and may yet send one
                from before.
        """
        earlier = self._look
        has_other_refiner = parts.get("refiner", earlier.refiner) is not earlier.refiner
        if has_other_refiner:
            load(parts["refiner"])
        settled = self.change(timeout_s, **parts)
        if parts.get("compositor", earlier.compositor) is not earlier.compositor:
            earlier.compositor.close()
        settled &= settle(timeout_s)
        if not settled:
            raise _still_sent()
        if has_other_refiner:
            earlier.refiner.close()


def load(refiner: Refiner) -> None:
    """Let the refiner load now what it needs, by refining a picture nobody sees."""
    size = 180, 320
    refiner.refine(np.zeros(size, np.float32), Frame.filled(size, BLACK), np.empty(size, np.uint8))


def _still_sent() -> SinkError:
    return SinkError(
        "An output hangs",
        "What was changed holds, but a picture from before may still be sent",
        "Stop SegCam if nobody may see that",
    )
