"""Finds the video stream of a file and its decoder."""

from __future__ import annotations

from typing import cast

import av
from av.codec.context import CodecContext
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext

_SIDE_SHOWS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image

_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders for these ignore transparency and show the colours under it."""


def film_of(container: av.container.InputContainer) -> av.VideoStream | None:
    """The stream that a player would show.

    The one marked as default, but not a cover picture, a thumbnail or a single picture if there is
    a longer stream, and not a stream without a decoder if another has one.

    Returns:
        None if there is no video stream.
    """
    films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    return min(films, key=_rank, default=None)


def decoder_of(stream: av.VideoStream) -> VideoCodecContext | None:
    """A decoder for the stream, if possible one that keeps transparency.

    Returns:
        None if FFmpeg has no decoder.
    """
    own = cast("VideoCodecContext | None", stream.codec_context)  # its stub omits None
    if own is None:
        return None
    name = _ALPHA_DECODERS.get(own.codec.canonical_name)
    if name and stream.metadata.get("alpha_mode") == "1" and name in av.codecs_available:
        decoder = CodecContext.create(name, "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.extradata, decoder.options = own.extradata, dict(own.options)
        own = decoder
    own.thread_count = 1  # latency and CPU time matter more than throughput
    return own


def _rank(stream: av.VideoStream) -> tuple[bool, bool, bool, bool, int]:
    return (
        stream.codec_context is None,
        bool(stream.disposition & _SIDE_SHOWS),
        stream.frames == 1,
        not stream.disposition & Disposition.default,
        stream.index,
    )
