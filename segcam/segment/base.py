"""What a backend is."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from segcam.card import ModelCard
from segcam.frame import F32


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

    def load(self, card: ModelCard, path: Path, threads: int = 1) -> None:
        """Compile the model and run it once on zeros.

        Args:
            card: What the model promises.
            path: The file in the format this runtime reads.
            threads: Intra-op threads, where the device is the CPU.

        Raises:
            BackendUnavailable: Runtime, driver or device is missing; the hint names the cure.
            ModelMismatch: The file's tensors are not the card's.
            BackendFailed: The runtime refused the model.
        """

    def run(self, tensor: F32, out: F32) -> None:
        """Infer one matte.

        Args:
            tensor: The model's input, float32, shape ``card.input.shape``. Borrowed, unchanged.
            out: float32, shape ``card.output.shape``; the model's raw output is written here.

        Raises:
            BackendFailed: Nothing can be believed of ``out``.
        """

    def close(self) -> None:
        """Release everything. Never fails; may be called twice."""
