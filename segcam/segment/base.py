"""What a backend is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from segcam.card import ModelCard
from segcam.segment.memory import Tensors


class Backend(Protocol):
    """An inference runtime on one device. Used by one thread at a time.

    A segmenter's stays on the thread that loaded it, as some runtimes want; an edge refiner's runs
    on the CPU, and who chooses it loads it.

    Attributes:
        name: ``runtime-device``, as on the command line: ``litert-cpu``, ``openvino-npu``.
        device: What it runs on, for people: the processor's own name where the runtime tells.
    """

    name: str
    device: str

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> None:
        """Compile the model and run it once.

        Args:
            card: What the model promises.
            path: The file in the format this runtime reads.
            tensors: Made for ``card``; kept, and used until the next ``load`` or ``close``.
            threads: Intra-op threads, where the device is the CPU.

        Raises:
            BackendUnavailable: Runtime, driver or device is missing; the hint names the cure.
            ModelMismatch: The file's tensors are not the card's.
            BackendFailed: The runtime refused the model.
        """

    def run(self) -> None:
        """Infer one matte: what ``tensors.input`` holds makes ``tensors.output``, as it comes.

        Raises:
            BackendFailed: Nothing can be believed of the output.
        """

    def close(self) -> None:
        """Release everything. Never fails; may be called twice."""
