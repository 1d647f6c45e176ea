"""How frames are drawn: any thread may exchange it as a whole; it is read once per frame."""

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
        """For frames before the output; the output worker uses `used`."""
        return self._look

    @contextmanager
    def used(self) -> Iterator[Look]:
        """The look of one frame, until the frame has been sent. Only for the output worker."""
        with self._done:
            look = self._at_work = self._look
        try:
            yield look
        finally:
            with self._done:
                self._at_work = None
                self._done.notify_all()

    def change(self, timeout_s: float, **parts: Any) -> bool:
        """Exchange parts of the look, and wait for the frame that is in progress.

        Args:
            timeout_s: Longest wait.
            parts: Attributes of `Look`.

        Returns:
            Whether all frames of the earlier look have been sent. False: one is still in progress.
        """
        with self._done:
            self._look = replace(self._look, **parts)
            earlier = self._at_work
            return self._done.wait_for(
                lambda: earlier is None or self._at_work is not earlier, timeout_s
            )

    def exchange(self, timeout_s: float, settle: Callable[[float], bool], **parts: Any) -> None:
        """Load the new parts, `change`, then close the old parts.

        Args:
            timeout_s: Longest wait.
            settle: The sink's; waits until it has passed on all frames.
            parts: Attributes of `Look`.

        Raises:
            SinkError: The change applies to all new frames, but an output hangs and may still send
                an old one.
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
    """Make the refiner load its network now, by refining a picture that nobody sees."""
    size = 180, 320
    refiner.refine(np.zeros(size, np.float32), Frame.filled(size, BLACK), np.empty(size, np.uint8))


def _still_sent() -> SinkError:
    return SinkError(
        "An output hangs",
        "The change is in effect, but a picture from before may still be sent",
        "Stop SegCam if nobody may see it",
    )
