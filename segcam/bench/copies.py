"""Counts the full-size copies of a frame in the pipeline."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from segcam.size import Size


class Copies:
    """Counts the bytes of whole frames and whole planes that `numpy.copyto` moves.

    Attributes:
        moved: Bytes so far.
    """

    def __init__(self, size: Size) -> None:
        height, width = size
        self._frame = height * width * 3 // 2
        self._shapes = {(height * 3 // 2, width), size, (height // 2, width // 2)}
        self._lock = threading.Lock()
        self.moved = 0

    def per_frame(self, frames: int) -> float:
        """Copies of a whole frame, on average."""
        return self.moved / self._frame / frames

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count inside the context, in all threads of this process.

        Every copy in SegCam uses `numpy.copyto`; decoding, blending and packing also compute, so
        they are not copies.
        """
        copyto = np.copyto

        def counting(target: Any, source: Any, *args: Any, **kwargs: Any) -> None:
            copyto(target, source, *args, **kwargs)
            if target.dtype == np.uint8 and target.shape in self._shapes:
                with self._lock:
                    self.moved += target.nbytes

        setattr(np, "copyto", counting)  # noqa: B010 (its type is another)
        try:
            yield
        finally:
            setattr(np, "copyto", copyto)  # noqa: B010
