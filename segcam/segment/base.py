"""The contracts of this stage: a backend, and a segmenter that uses one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

from segcam.errors import MatteRejected
from segcam.frame import F32, Frame, Size
from segcam.model_card import ModelCard
from segcam.segment.memory import Tensors


class AnswerImpossible(MatteRejected):
    """An answer that no network gives: the device or its driver is at fault."""

    code = "matte.impossible"


class Backend(Protocol):
    """An inference runtime on one device. Used by one thread at a time.

    A segmenter's backend stays on the thread that loaded it, as some runtimes require. Edge
    refiners run on the CPU; the thread that selects one loads it.

    Attributes:
        name: ``runtime-device``, as on the command line: ``litert-cpu``, ``openvino-npu``.
        device: What it runs on, for the user: the processor's name, if the runtime gives it.
    """

    name: str
    device: str

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """Compile the model and run it once.

        Args:
            card: The model card.
            path: The file in the format this runtime reads.
            tensors: Made for ``card``; used by a backend that has no better ones.
            threads: Intra-op threads, if the device is the CPU.

        Returns:
            The tensors that the backend uses until the next ``load`` or ``close``: ``tensors``
            itself, or others that its device can access without a copy.

        Raises:
            BackendUnavailable: Runtime, driver or device is missing; the hint names the cure.
            ModelMismatch: The file's tensors differ from the card's.
            BackendFailed: The runtime refused the model.
        """

    def run(self) -> None:
        """Infer one matte: read the input tensor, write the raw output.

        Raises:
            BackendFailed: The output is invalid.
        """

    def submit(self) -> None:
        """Begin a `run`. Until `wait` has returned, do not touch the tensors.

        Returns at once if the runtime supports that or has its own process; see `Synchronous`.

        Raises:
            BackendFailed: It could not begin.
        """

    def wait(self) -> None:
        """Wait for the end of a `submit`. Raises like `run`."""

    def forget(self) -> None:
        """Let a recurrent model's next run begin with an empty state, as after ``load``."""

    def close(self) -> None:
        """Release everything. Never fails; may be called twice."""


class Synchronous(ABC):
    """For blocking runtimes: `submit` does all the work."""

    @abstractmethod
    def run(self) -> None:
        """See ``Backend.run``."""

    def submit(self) -> None:
        """See ``Backend.submit``."""
        self.run()

    def wait(self) -> None:  # noqa: B027 (nothing is left to wait for)
        """See ``Backend.wait``."""

    def forget(self) -> None:  # noqa: B027 (most runtimes here run no model with a state)
        """See ``Backend.forget``."""


class Asynchronous(ABC):
    """For runtimes that work in the background."""

    @abstractmethod
    def submit(self) -> None:
        """See ``Backend.submit``."""

    @abstractmethod
    def wait(self) -> None:
        """See ``Backend.wait``."""

    def forget(self) -> None:  # noqa: B027 (as for `Synchronous`)
        """See ``Backend.forget``."""

    def run(self) -> None:
        """See ``Backend.run``."""
        self.submit()
        self.wait()


class Segmenter(Protocol):
    """A model on a backend that makes coarse mattes. Opened, used and closed on one thread.

    Attributes:
        model: The model's name.
        backend: Runs it.
        compiles: Loading it may take minutes, because a device's driver compiles the model.
    """

    model: str
    backend: Backend
    compiles: bool

    @property
    def matte_size(self) -> Size:
        """(h, w) of its mattes."""

    @property
    def owes_look(self) -> bool:
        """Whether `look_around` has something to do."""

    def open(self) -> None:
        """Load the model."""

    def segment(self, frame: Frame, out: F32) -> bool:
        """Write the coarse matte of ``frame``; False: nothing moved, it is the last one."""

    def look_around(self) -> None:
        """Do the work that can wait until the frame has been sent."""

    def close(self) -> None:
        """Release the model."""
