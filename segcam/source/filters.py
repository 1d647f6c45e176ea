"""A chain of FFmpeg's filters for pictures of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

import av
from av.filter import Graph

Filter = tuple[str, Mapping[str, str]]
"""A filter's name and options, which must need no escaping."""

_END: Filter = ("buffersink", {})


class FilterChain:
    """Filters for pictures of the size, format and colours of ``like``. For one thread.

    Args:
        like: A picture of that kind.
        filters: In order.

    Raises:
        av.FFmpegError: A filter rejects such pictures.
    """

    def __init__(self, like: av.VideoFrame, filters: Sequence[Filter]) -> None:
        self._graph = Graph()
        self._graph.threads = 1
        base = like.time_base or Fraction(1, 1000)
        last = self._graph.add(
            "buffer",
            f"video_size={like.width}x{like.height}:pix_fmt={like.format.name}"
            f":time_base={base.numerator}/{base.denominator}"
            f":colorspace={int(like.colorspace)}:range={int(like.color_range)}",
        )
        for name, options in (*filters, _END):
            step = self._graph.add(name, **options)
            last.link_to(step)
            last = step
        self._graph.configure()

    def put(self, picture: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Filter a picture; returns the pictures that are ready."""
        self._graph.push(picture)
        yield from self._ready()

    def end(self) -> Iterator[av.VideoFrame]:
        """The remaining pictures. Do not call `put` afterwards."""
        self._graph.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.VideoFrame]:
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                picture = self._graph.pull()
                assert isinstance(picture, av.VideoFrame)
                yield picture


def shape_of(picture: av.VideoFrame) -> tuple[object, ...]:
    """The properties that must not change while a chain is used."""
    return (
        picture.width,
        picture.height,
        picture.format.name,
        int(picture.colorspace),
        int(picture.color_range),
        int(picture.color_trc),
        int(picture.color_primaries),
    )
