"""The memory of all frames, allocated once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from segcam.frame import BLACK, F32, Frame, Size
from segcam.pipeline.slot import Slot
from segcam.pipeline.stats import Stats
from segcam.source.base import SourceInfo

DEPTH = 6
"""Live, three workers hold one lease each, two slots one each, and one spare is being filled."""
FILE_DEPTH = 32
"""For files: enough buffers that workers rarely wait for each other. Frames per second over what
two processors allow: 6 leases 0.81, 12 0.86, 32 0.91, 46 0.92."""
USUAL_MATTE: Size = (144, 256)
"""Size of the mattes until the model is known."""
MOST_BYTES = 64 * 2**20
"""Limit for frames beyond ``DEPTH``: from 1600x900 on there are fewer."""


@dataclass(slots=True)
class Lease:
    """A frame and the memory for its matte. They travel together, so that edges never lag.

    Attributes:
        frame: The picture.
        matte: The model's matte of this frame's box, float32 (h, w), 0..1.
        has_matte: Whether ``matte`` is valid.
        inference: Token of the inference that produced this matte; frames that reuse a matte share
            it.
    """

    frame: Frame
    matte: F32
    has_matte: bool = False
    inference: object = None

    def fit(self, matte_size: Size) -> None:
        """Resize the matte to (h, w): the model may have changed."""
        if self.matte.shape != matte_size:
            self.matte = np.zeros(matte_size, np.float32)


def depth_for(info: SourceInfo) -> int:
    """How many leases a source's frames get."""
    if info.live or info.size_varies:
        return DEPTH
    frame_bytes = info.size[0] * info.size[1] * 3 // 2
    return max(DEPTH, min(FILE_DEPTH, MOST_BYTES // frame_bytes))


class Pool:
    """Hands out leases and takes them back. From any thread.

    Args:
        size: (H, W) of the frames.
        matte_size: (h, w) of the first model's matte.
        depth: Number of leases.
    """

    def __init__(self, size: Size, matte_size: Size = USUAL_MATTE, depth: int = DEPTH) -> None:
        self._returned = threading.Condition()
        self._free = [
            Lease(Frame.filled(size, BLACK), np.zeros(matte_size, np.float32)) for _ in range(depth)
        ]
        self.depth = depth

    def acquire(self, timeout_s: float | None = 0.0) -> Lease | None:
        """A lease, or None when none comes back within ``timeout_s`` (None: no limit)."""
        with self._returned:
            if not self._returned.wait_for(lambda: bool(self._free), timeout_s):
                return None
            return self._free.pop()

    def release(self, lease: Lease) -> None:
        """Take a lease back. The caller must not use it afterwards."""
        lease.has_matte = False
        with self._returned:
            self._free.append(lease)
            self._returned.notify()

    @property
    def at_rest(self) -> bool:
        """Whether no frame is in progress: all leases are here, except the one to be filled."""
        return len(self._free) >= self.depth - 1

    @property
    def free(self) -> int:
        """Number of leases that are not lent."""
        return len(self._free)


def lease_slot(pool: Pool, stats: Stats, live: bool) -> Slot[Lease]:
    """A slot between two workers that counts dropped leases and returns them to the pool."""

    def give_up(lease: Lease) -> None:
        stats.drop()
        pool.release(lease)

    return Slot(live, give_up, _hand_on_cut)


def _hand_on_cut(overtaken: Lease, newer: Lease) -> None:
    newer.frame.cut |= overtaken.frame.cut
