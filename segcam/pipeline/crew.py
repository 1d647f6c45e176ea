"""The workers of a pipeline: started one after another, stopped together."""

from __future__ import annotations

from collections.abc import Callable

from segcam.errors import SegCamError
from segcam.worker import JOIN_S, Stage, Worker


class Crew:
    """All running workers.

    Attributes:
        workers: In the order of their start; one may be replaced by another.
    """

    def __init__(self) -> None:
        self.workers: list[Worker] = []

    def hire(
        self, name: str, stage: Stage, on_end: Callable[[], object], live: bool = True
    ) -> Worker:
        """Add a worker that has yet to be started; arguments as for `Worker`."""
        worker = Worker(name, stage, on_end, live)
        self.workers.append(worker)
        return worker

    @property
    def trouble(self) -> SegCamError | None:
        """Why one of them is not running at present."""
        return next((w.trouble for w in self.workers if w.trouble is not None), None)

    @property
    def error(self) -> SegCamError | None:
        """The error that ended one of them early."""
        return next((w.error for w in self.workers if w.error is not None), None)

    def stop(self) -> None:
        """Ask all to end; does not wait."""
        for worker in self.workers:
            worker.stop()

    def join(self) -> None:
        """Wait for them, except for those that hang."""
        for worker in self.workers:
            worker.join(JOIN_S)
