"""The end: hanging parts are left behind soon, but an encoder that needs minutes gets them."""

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
        on_finishing: Called with the names of files that need longer than all else, once.
        error: What was given up; None: nothing.
    """

    def __init__(self) -> None:
        self.on_finishing: Callable[[str], object] = lambda _: None
        self.error: SegCamError | None = None

    def wait(self, crew: Crew, sink: Sink) -> None:
        """Wait for the workers, and for files however long that takes.

        KeyboardInterrupt gives up what is unfinished.

        Args:
            crew: Has been asked to end.
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
                "It was given up while its encoder was at work",
                "A recording is there as far as it got; what was rendered is not",
            )
