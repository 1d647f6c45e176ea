"""Memory of a model's input and output, used in place and shared with another process."""

from __future__ import annotations

import math
import mmap
import os
import sys
import weakref
from typing import Literal

import numpy as np

from segcam.frame import F32
from segcam.model_card import ModelCard

Place = Literal["host", "shared", "pinned"]
"""Where tensors lie: in a process's own memory, in memory shared with another process, or in memory
that a device reads and writes directly."""
_PAGE = mmap.PAGESIZE // 4
"""Numbers per page of memory. Each tensor has its own pages, with a spare page between them, so
that a device can use them in place. Intel's NPU imports the whole of a tensor's last page, too."""


class Tensors:
    """Input and output of one loaded model. Both are zeros at first.

    Make new ones for each load: a lost process may still write into the old ones. A backend may
    have better ones, see `Tensors.pinned` and ``Backend.load``.

    Args:
        card: Gives the shapes.
        memory: File descriptor of memory that another process made for the same card; closed here.
            None: make new memory. Linux only.

    Attributes:
        input: float32, ``card.input.shape``. Written by the caller only.
        output: float32, ``card.output.shape``. Written by the backend.
        memory: File descriptor of both, to be inherited by a child process; closed with this
            object. -1 if there is none.
        place: Where they lie.
    """

    def __init__(self, card: ModelCard, memory: int | None = None) -> None:
        read, written = (math.prod(tensor.shape) for tensor in (card.input, card.output))
        start = (-(-read // _PAGE) + 1) * _PAGE
        length = start + written
        if memory is None:
            memory = _reserve(4 * length)
        self.memory = memory
        self.place: Place = "shared" if memory >= 0 else "host"
        if memory >= 0:
            weakref.finalize(self, os.close, memory)
            whole = np.frombuffer(mmap.mmap(memory, 4 * length), np.float32)
        else:
            whole = np.zeros(length, np.float32)
        self.input: F32 = whole[:read].reshape(card.input.shape)
        self.output: F32 = whole[start:].reshape(card.output.shape)

    @classmethod
    def pinned(cls, read: F32, written: F32) -> Tensors:
        """Tensors of a runtime, in memory that its device can access.

        Args:
            read: float32, the model's input.
            written: float32, its output. The runtime frees neither during this object's life.
        """
        made = cls.__new__(cls)
        made.input, made.output, made.memory, made.place = read, written, -1, "pinned"
        return made


def _reserve(length: int) -> int:
    """Anonymous memory of that many bytes."""
    if sys.platform != "linux":
        return -1
    memory = os.memfd_create("segcam")
    os.ftruncate(memory, length)
    return memory
