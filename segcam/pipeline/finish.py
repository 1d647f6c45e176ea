"""Ends a run: abandons hanging parts soon, but gives an encoder the minutes that it needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from segcam.errors import OutputUnwritable, SegCamError
from segcam.pipeline.crew import Crew
from segcam.sink.base import Sink

_LOOK_S = 0.05


class Finish:
    """Waits for the end of a run.

    Attributes:
        on_finishing: Called once, with the names of the files that are not finished yet.
        error: Names what was abandoned; None: nothing.
    """

    def __init__(self) -> None:
        self.on_finishing: Callable[[str], object] = lambda _: None
        self.error: SegCamError | None = None

    def wait(self, crew: Crew, sink: Sink) -> None:
        """Wait for the workers, and for files as long as they need.

        On KeyboardInterrupt, abandon unfinished files.

        Args:
            crew: Must have been asked to stop.
            sink: Where the frames went.
        """
        try:
            crew.join()
            self._wait_for_files(sink)
        except KeyboardInterrupt:
            self._give_up(sink)

    def _wait_for_files(self, sink: Sink) -> None:
        is_told = False
        while name := sink.unfinished:
            if not is_told:
                self.on_finishing(name)
            is_told = True
            time.sleep(_LOOK_S)

    def _give_up(self, sink: Sink) -> None:
        name = sink.unfinished
        sink.abandon()
        if name:
            self.error = OutputUnwritable(
                f"{name} was not finished",
                "It was abandoned while its encoder was still working",
                "A recording is kept up to that point; a rendered file is not",
            )
