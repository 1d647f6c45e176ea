"""ONNX Runtime's tensors, bound to a session once.

A recurrent model has two bindings, used in turns: what one run writes as its state, the next one
reads. So nothing is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from segcam.frame import F32
from segcam.model_card import ModelCard
from segcam.segment.memory import Tensors


class HostBinding:
    """Our own memory.

    Args:
        session: A loaded model.
        card: Its card.
        tensors: Input and output.
        in_place: Whether the device works in this memory. If not, the runtime copies an input when
            it is bound.
    """

    def __init__(self, session: Any, card: ModelCard, tensors: Tensors, *, in_place: bool) -> None:
        self._session, self._in_place = session, in_place
        self._states: list[list[F32]] = [
            [np.zeros(each.shape, np.float32) for each in card.state] for _ in range(2)
        ]
        self._turns = []
        for read, written in (self._states, self._states[::-1])[: 2 if card.state else 1]:
            inputs = {card.input.name: tensors.input}
            outputs = {card.output.name: tensors.output}
            for state, before, after in zip(card.state, read, written, strict=True):
                inputs[state.input], outputs[state.output] = before, after
            binding = session.io_binding()
            for name, array in outputs.items():
                binding.bind_output(name, *_place(array))
            _bind_inputs(binding, inputs)
            self._turns.append((binding, inputs))

    def run(self) -> None:
        """Infer, and keep the state. After an error the state is undefined."""
        binding, inputs = self._turns[0]
        if not self._in_place:
            _bind_inputs(binding, inputs)
        self._session.run_with_iobinding(binding)
        self._turns.reverse()
        self._states.reverse()

    def forget(self) -> None:
        """Empty the state that the next run reads."""
        for array in self._states[0]:
            array.fill(0)


class DeviceBinding:
    """Memory of an NVIDIA GPU, where the state stays. Addresses never change.

    Args:
        runtime: ONNX Runtime's module.
        session, card, tensors: As for `HostBinding`.
    """

    def __init__(self, runtime: Any, session: Any, card: ModelCard, tensors: Tensors) -> None:
        def allocate(shape: tuple[int, ...]) -> Any:
            return runtime.OrtValue.ortvalue_from_shape_and_type(shape, np.float32, "cuda", 0)

        self._session, self._tensors = session, tensors
        self._read, self._written = allocate(card.input.shape), allocate(card.output.shape)
        self._empty = [np.zeros(each.shape, np.float32) for each in card.state]
        self._states = [[allocate(each.shape) for each in card.state] for _ in range(2)]
        self._turns = []
        for read, written in (self._states, self._states[::-1])[: 2 if card.state else 1]:
            binding = session.io_binding()
            binding.bind_ortvalue_input(card.input.name, self._read)
            binding.bind_ortvalue_output(card.output.name, self._written)
            for state, before, after in zip(card.state, read, written, strict=True):
                binding.bind_ortvalue_input(state.input, before)
                binding.bind_ortvalue_output(state.output, after)
            self._turns.append(binding)
        self.forget()

    def run(self) -> None:
        """See `HostBinding.run`."""
        self._read.update_inplace(self._tensors.input)
        self._session.run_with_iobinding(self._turns[0])
        np.copyto(self._tensors.output, self._written.numpy())
        self._turns.reverse()
        self._states.reverse()

    def forget(self) -> None:
        """See `HostBinding.forget`."""
        for value, empty in zip(self._states[0], self._empty, strict=True):
            value.update_inplace(empty)


def _bind_inputs(binding: Any, inputs: Mapping[str, F32]) -> None:
    for name, array in inputs.items():
        binding.bind_input(name, *_place(array))


def _place(array: F32) -> tuple[Any, ...]:
    """Where it lies, as ONNX Runtime's bindings want it."""
    return "cpu", 0, np.float32, array.shape, array.ctypes.data
