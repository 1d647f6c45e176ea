"""A source that is looked for when it is opened: it may not be there yet."""

from __future__ import annotations

from collections.abc import Callable

from segcam.frame import Frame
from segcam.source.base import Source, SourceInfo


class LateSource:
    """Finds a source, and is that source from then on. See the Source protocol.

    Args:
        find: Called at each `open` until what it finds can be opened. May raise SegCamError.
    """

    def __init__(self, find: Callable[[], Source]) -> None:
        self._find = find
        self._found: Source | None = None

    def open(self) -> SourceInfo:
        """See `Source.open`; raises what ``find`` raises as well."""
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
