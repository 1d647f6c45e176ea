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
    """No network answers so: the device or its driver is at fault."""

    code = "matte.impossible"


class Backend(Protocol):
    """An inference runtime on one device. Used by one thread at a time.

    A segmenter's stays on the thread that loaded it, as some runtimes want. Edge refiners run on
    the CPU; the thread that selects one loads it.

    Attributes:
        name: ``runtime-device``, as on the command line: ``litert-cpu``, ``openvino-npu``.
        device: What it runs on, for people: the processor's own name where the runtime tells.
    """

    name: str
    device: str

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """Compile the model and run it once.

        Args:
            card: What the model promises.
            path: The file in the format this runtime reads.
            tensors: Made for ``card``, for a backend that has no better ones.
            threads: Intra-op threads, where the device is the CPU.

        Returns:
            The tensors that it wants to be fed with, used until the next ``load`` or ``close``:
            ``tensors`` itself, or ones that its device reaches without a copy.

        Raises:
            BackendUnavailable: Runtime, driver or device is missing; the hint names the cure.
            ModelMismatch: The file's tensors are not the card's.
            BackendFailed: The runtime refused the model.
        """

    def run(self) -> None:
        """Infer one matte: what the input holds makes the output, as it comes.

        Raises:
            BackendFailed: Nothing can be believed of the output.
        """

    def submit(self) -> None:
        """Begin what `run` does. Until `wait` has returned, both tensors are the backend's.

        Returns at once where the runtime can, and in a process of its own; see `Synchronous`.

        Raises:
            BackendFailed: It could not begin.
        """

    def wait(self) -> None:
        """Wait for the end of what `submit` began. Raises as `run` does."""

    def close(self) -> None:
        """Release everything. Never fails; may be called twice."""


class Synchronous(ABC):
    """For runtimes that can only be waited for: all is done when `submit` returns."""

    @abstractmethod
    def run(self) -> None:
        """See ``Backend.run``."""

    def submit(self) -> None:
        """See ``Backend.submit``."""
        self.run()

    def wait(self) -> None:  # noqa: B027 (nothing is left to wait for)
        """See ``Backend.wait``."""


class Asynchronous(ABC):
    """For runtimes that work while the caller does something else."""

    @abstractmethod
    def submit(self) -> None:
        """See ``Backend.submit``."""

    @abstractmethod
    def wait(self) -> None:
        """See ``Backend.wait``."""

    def run(self) -> None:
        """See ``Backend.run``."""
        self.submit()
        self.wait()


class Segmenter(Protocol):
    """A model on a backend that makes coarse mattes. Opened, used and closed on one thread.

    Attributes:
        model: The model's name.
        backend: Runs it.
    """

    model: str
    backend: Backend

    @property
    def matte_size(self) -> Size:
        """(h, w) of its mattes."""

    def open(self) -> None:
        """Load the model."""

    def segment(self, frame: Frame, out: F32) -> bool:
        """Write the coarse matte of ``frame``; False: it is the one before, nothing has moved."""

    def look_around(self) -> None:
        """Do what can wait until the frame has gone on."""

    def close(self) -> None:
        """Release the model."""
