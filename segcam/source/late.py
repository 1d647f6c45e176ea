"""A source that is found only when it is opened, since it may not exist before."""

from __future__ import annotations

from collections.abc import Callable

from segcam.frame import Frame
from segcam.source.base import Source, SourceInfo


class LateSource:
    """Finds a source and then behaves like it. See the Source protocol.

    Args:
        find: Called at each `open` until the source can be opened. May raise SegCamError.
    """

    def __init__(self, find: Callable[[], Source]) -> None:
        self._find = find
        self._found: Source | None = None

    def open(self) -> SourceInfo:
        """See `Source.open`; also raises the errors of ``find``."""
        source = self._found or self._find()
        info = source.open()
        self._found = source
        return info

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        assert self._found is not None
        return self._found.read(out)

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        if self._found is not None:
            self._found.interrupt()

    def close(self) -> None:
        """See `Source.close`."""
        if self._found is not None:
            self._found.close()
