"""LiteRT with XNNPACK: the CPU backend that runs .tflite files as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segcam.errors import BackendFailed, BackendUnavailable
from segcam.model_card import ModelCard
from segcam.regular import readable
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import cpu_name, quiet
from segcam.segment.base import Synchronous
from segcam.segment.memory import Tensors


class LiteRTBackend(Synchronous):
    """A LiteRT interpreter. See ``segcam.segment.base.Backend``."""

    def __init__(self) -> None:
        self.name = "litert-cpu"
        self.device = cpu_name()
        self._interpreter: Any = None
        self._input: Any = None
        self._output: Any = None
        self._tensors: Tensors | None = None

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See ``Backend.load``; ``path`` is a .tflite file."""
        self.close()
        interpreter = _interpreter(path, threads)
        check_tensors("input", _described(interpreter.get_input_details()), card)
        check_tensors("output", _described(interpreter.get_output_details()), card)
        # Callables, not arrays: LiteRT refuses to run while a view of its memory is held.
        self._input = interpreter.tensor(interpreter.get_input_details()[0]["index"])
        self._output = interpreter.tensor(interpreter.get_output_details()[0]["index"])
        self._interpreter, self._tensors = interpreter, tensors
        self.run()
        return tensors

    def run(self) -> None:
        """See ``Backend.run``. LiteRT uses its own memory, which costs two copies."""
        assert self._tensors is not None
        np.copyto(self._input(), self._tensors.input)
        try:
            self._interpreter.invoke()
        except RuntimeError as error:
            raise _failed("run", error) from error
        np.copyto(self._tensors.output, self._output())

    def close(self) -> None:
        """See ``Backend.close``."""
        self._input = self._output = self._interpreter = self._tensors = None


def _interpreter(path: Path, threads: int) -> Any:
    try:
        with quiet("LiteRT"), readable(path) as name:
            from ai_edge_litert.interpreter import Interpreter

            interpreter = Interpreter(model_path=name, num_threads=threads)
            interpreter.allocate_tensors()
    except ImportError as error:
        raise BackendUnavailable(
            "LiteRT cannot be loaded",
            str(error),
            "Install SegCam again: pip install --force-reinstall segcam",
        ) from error
    except (ValueError, RuntimeError) as error:
        raise _failed("load", error) from error
    return interpreter


def _described(details: Sequence[dict[str, Any]]) -> list[tuple[str, Sequence[int], str]]:
    return [(each["name"], each["shape"], np.dtype(each["dtype"]).name) for each in details]


def _failed(verb: str, error: Exception) -> BackendFailed:
    return BackendFailed(
        f"LiteRT could not {verb} the model", str(error), "Try another --backend or --model"
    )
