"""LiteRT's own accelerator: GPUs of every vendor, through Vulkan, Direct3D 12 or Metal."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segcam.errors import BackendFailed, BackendUnavailable
from segcam.model_card import ModelCard
from segcam.regular import readable
from segcam.segment import vulkan
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import quiet
from segcam.segment.base import Asynchronous
from segcam.segment.memory import Tensors

_SELECTED = re.compile(r"Selected adapter: (?P<name>[^,]*),.*adapterType=(?P<type>.*)")
"""Matches the only message in which LiteRT names its device."""
_HINT = "Try another --backend or --model"


class LiteRTGpuBackend(Asynchronous):
    """A compiled LiteRT model. See ``segcam.segment.base.Backend``.

    It holds Python's global lock while it waits for the GPU, and two models at once may crash, so
    it needs its own process.
    """

    def __init__(self) -> None:
        self.name = "litert-gpu"
        self.device = "GPU"
        self._model: Any = None
        self._inputs: Sequence[Any] = ()
        self._outputs: Sequence[Any] = ()
        self._tensors: Tensors | None = None

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:  # noqa: ARG002
        """See ``Backend.load``; ``path`` is a .tflite file."""
        self.close()
        vulkan.require_gpu()
        model, details, said = _compile(path)
        self.device = _adapter(said)
        if not model.is_fully_accelerated():
            raise BackendFailed(
                "LiteRT would run part of the model on the CPU", "the GPU lacks operators", _HINT
            )
        check_tensors("input", _described(details[0]), card)
        check_tensors("output", _described(details[1]), card)
        self._model, self._tensors = model, tensors
        with quiet("LiteRT"):
            self._inputs = model.create_input_buffers(0)
            self._outputs = model.create_output_buffers(0)
            self.run()
        return tensors

    def submit(self) -> None:
        """See ``Backend.submit``. The input is copied to the GPU."""
        assert self._tensors is not None
        try:
            self._inputs[0].write(self._tensors.input)
            self._model.run_by_index(0, self._inputs, self._outputs)
        except (RuntimeError, ValueError) as error:
            raise _failed("run", str(error)) from error

    def wait(self) -> None:
        """See ``Backend.wait``. Reading the output waits for the GPU."""
        assert self._tensors is not None
        output = self._tensors.output
        try:
            answer = self._outputs[0].read(math.prod(output.shape), np.float32)
        except (RuntimeError, ValueError) as error:
            raise _failed("run", str(error)) from error
        np.copyto(output, answer.reshape(output.shape))

    def close(self) -> None:
        """See ``Backend.close``."""
        if self._model is None:
            return
        with quiet("LiteRT"):
            self._inputs = self._outputs = ()  # before the model that owns their memory
            self._model = self._tensors = None


def _compile(path: Path) -> tuple[Any, tuple[Any, Any], list[str]]:
    """The model, the details of its inputs and outputs, and LiteRT's messages."""
    said: list[str] = []
    try:
        with quiet("LiteRT") as said, readable(path) as name:
            from ai_edge_litert.compiled_model import (
                CompiledModel,
                GpuOptions,
                HardwareAccelerator,
                Options,
            )

            options = Options(
                hardware_accelerators=HardwareAccelerator.GPU,
                gpu_options=GpuOptions(enforce_f32=True),
            )
            model = CompiledModel.from_file(name, options=options)
            signature = next(iter(model.get_signature_list()))
            inputs = model.get_input_tensor_details(signature)
            return model, (inputs, model.get_output_tensor_details(signature)), said
    except ImportError as error:
        raise BackendUnavailable(
            "LiteRT has no GPU accelerator",
            str(error),
            "Install it with: pip install 'ai-edge-litert>=2.2'",
        ) from error
    except (ValueError, RuntimeError) as error:
        text = "\n".join(said)
        if "No adapters found" in text:
            raise BackendUnavailable("LiteRT finds no GPU", _reason(text), vulkan.hint()) from error
        raise _failed("load", _reason(text) or str(error)) from error


def _reason(said: str) -> str:
    """The first error in LiteRT's messages; "" if there is none."""
    found = re.search(r"^(?:Warning: |E\d+ \S+ +\d+ )(.*)", said, re.MULTILINE)
    return found[1] if found else ""


def _adapter(said: Sequence[str]) -> str:
    """Name of the GPU; raises BackendUnavailable if it is software or unknown."""
    found = next(filter(None, map(_SELECTED.search, said)), None)
    if found is None:
        raise BackendUnavailable("LiteRT does not report which GPU it uses", "", _HINT)
    if found["type"].startswith("CPU") and not vulkan.software_allowed():
        raise BackendUnavailable("LiteRT finds no GPU", f"only {found['name']}", vulkan.hint())
    return found["name"]


def _described(details: Mapping[str, Any]) -> list[tuple[str, Sequence[int], str]]:
    return [(each["name"], each["shape"], each["dtype"]) for each in details.values()]


def _failed(verb: str, reason: str) -> BackendFailed:
    return BackendFailed(f"LiteRT could not {verb} the model on the GPU", reason, _HINT)
