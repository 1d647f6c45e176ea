"""Sends viewers pictures, and placeholders while there are none."""

from __future__ import annotations

import logging
import time

from segcam.composite.placeholder import draw_placeholder
from segcam.errors import SegCamError
from segcam.fit import contain
from segcam.frame import BLACK, Frame
from segcam.pipeline.stats import Stats
from segcam.pipeline.target import Target

log = logging.getLogger(__name__)

STALE_S, STALE_PERIODS = 0.5, 2.5
"""A placeholder is sent after this time without a composite, and repeated at this interval. A
virtual camera needs at least one frame a second, and viewers notice a freeze after half a
second."""

STARTING, AWAY, OFF = "One moment", "Camera is gone", "Camera is off"
"""Text of placeholders."""


class Sender:
    """Sends to one target, whose sink is open. Only for the output worker.

    Args:
        target: Where to. Only cameras get placeholders.
        live: Whether viewers expect frames in real time.
        fit: Fit composites of other sizes in; if False, the sink accepts any size.
        stats: Counts frames.
    """

    def __init__(self, target: Target, live: bool, fit: bool, stats: Stats) -> None:
        self.target = target
        self._live, self._fit, self._stats = live, fit, stats
        self._stale_s = max(STALE_S, float(STALE_PERIODS / target.rate_hz))
        self._fitted = Frame.filled(target.size, BLACK)
        self._placeholders: dict[str, Frame] = {}
        self._lost = target.sink.lost
        self._sent_ns = 0
        self._away_shown = False

    def send(self, composite: Frame, captured_ns: int) -> None:
        """Send the picture of a frame with this time of capture."""
        if self._fit and composite.size != self.target.size:
            contain(composite, self._fitted)
            composite = self._fitted
        with self._stats.timed("send"):
            self.target.sink.send(composite)
        self._sent_ns = time.monotonic_ns()
        self._away_shown = False
        self._count_sent()
        if self._live:
            self._stats.add("latency", self._sent_ns - captured_ns)

    def show(self, text: str) -> None:
        """Send a camera the placeholder with this text."""
        if not (self._live and self.target.sink.is_camera):
            return
        picture = self._placeholders.get(text)
        if picture is None:  # drawing takes 6 ms; the start needs only one
            picture = self._placeholders[text] = draw_placeholder(self.target.size, text)
        self._sent_ns = picture.captured_ns = time.monotonic_ns()
        self.target.sink.send(picture)
        self._count_sent()
        self._stats.repeated += 1

    @property
    def is_stale(self) -> bool:
        """Whether the last picture is so old that viewers would see a freeze."""
        return (time.monotonic_ns() - self._sent_ns) / 1e9 >= self._stale_s

    def keep_alive(self, away: bool) -> None:
        """Show a placeholder if it is time for one.

        Args:
            away: Whether the camera is gone, which is shown at once.
        """
        if self.is_stale or (away and not self._away_shown):
            self.show(AWAY if away else STARTING)
            self._away_shown = away

    def close(self) -> None:
        """Leave a placeholder with the viewers and close the sink.

        Raises:
            SinkError: The output could not be finished.
        """
        try:
            if self._sent_ns:
                self.show(OFF)
        except SegCamError as error:
            log.debug("no placeholder at the end: %s", error)
        self._sent_ns = 0
        self.target.sink.close()

    def _count_sent(self) -> None:
        """Count the frame, minus the frames that the sink reports as lost."""
        lost = self.target.sink.lost
        self._stats.sent += 1 - (lost - self._lost)
        self._lost = lost
