"""Faulty behaviours of parts, which replace their work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from segcam.frame import F32, Frame

Act = Callable[..., Any]
"""A part's faulty behaviour, with the arguments of its work."""


class Hangs(Protocol):
    """The active fault, first argument of the behaviour."""

    def hang(self) -> None:
        """Return when the fault is over."""


def raises(error: type[Exception]) -> Act:
    """The part fails with this error."""

    def act(*_: object) -> None:
        raise error("broken on purpose")

    return act


def hangs(fault: Hangs, *_: object) -> None:
    """The part hangs."""
    fault.hang()


def answers(value: float) -> Act:
    """The part writes the same number everywhere."""

    def act(_fault: Hangs, out: Any) -> None:
        out.fill(value)

    return act


def writes_nothing(*_: object) -> None:
    """The part returns without doing anything, so the old content stays."""


def answers_another_shape(_fault: Hangs, out: F32) -> None:
    """The part answers with a tensor of another shape."""
    np.copyto(out, np.ones((7, 3), np.float32))


def runs_out_of_memory(*_: object) -> None:
    """The part allocates more than any address space."""
    np.empty(1 << 47, np.float32)


def sends_another_size(_fault: Hangs, out: Frame) -> None:
    """A camera that came back in another mode."""
    out.resize((out.size[0] * 2, out.size[1] * 2))
    out.fill((120, 128, 128))
    out.stamp(out.id, out.captured_ns)


@contextmanager
def full_disk(room: int = 4096) -> Iterator[None]:
    """Limit this process's files to ``room`` bytes; libav gets an error as for a full disk."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def half_of(data: bytes) -> bytes:
    """Only the first half arrives."""
    return data[: len(data) // 2]


def rubbish_for(data: bytes) -> bytes:
    """Random bytes arrive."""
    return np.random.default_rng(len(data)).bytes(len(data))


def torn(data: bytes) -> bytes:
    """Head and tail are right, but the middle is something else."""
    third = len(data) // 3
    return data[:third] + rubbish_for(data[third : 2 * third]) + data[2 * third :]


def nothing_of(_data: bytes) -> bytes:
    """An empty packet."""
    return b""
