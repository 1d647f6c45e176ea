"""Deinterlaces pictures whose odd and even lines were filmed one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import av

from segcam.source.filters import Filter, FilterChain, shape_of

_BWDIF: Filter = ("bwdif", {"mode": "send_frame", "parity": "auto", "deint": "interlaced"})
"""One picture per frame, from the lines before and after; other pictures are unchanged."""


class Deinterlacer:
    """Removes the comb lines of moving edges. For one thread.

    Does nothing before the first interlaced picture. From then on the output is delayed by one
    picture, because each needs the next.
    """

    def __init__(self) -> None:
        self._chain: FilterChain | None = None
        self._shape: object = None

    def put(self, picture: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """The pictures that are ready, in order; none is lost."""
        if self._chain is not None and shape_of(picture) != self._shape:
            yield from self.end()
        if self._chain is None and picture.interlaced_frame:
            self._chain, self._shape = FilterChain(picture, [_BWDIF]), shape_of(picture)
        if self._chain is None:
            yield picture
        else:
            yield from self._chain.put(picture)

    def end(self) -> Iterator[av.VideoFrame]:
        """The delayed pictures; ``put`` may follow."""
        chain, self._chain = self._chain, None
        if chain is not None:
            yield from chain.end()
