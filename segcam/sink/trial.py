"""Finds out what a format supports by trying it in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from fractions import Fraction

import av
from av import Packet
from av.stream import Stream

from segcam.sink.formats import Format

_LEAST_RATE_OF_MP3 = 32_000
"""MP3 delays sound by about 1100 samples, which AVI cannot compensate: less than a frame here."""


def takes(form: Format, stream: Stream, packets: Sequence[Packet[Stream]]) -> bool:
    """Whether a file of that format accepts unchanged packets of ``stream``.

    Args:
        form: The format.
        stream: A clip's.
        packets: The first ones of the stream, or none. Not changed.
    """
    known = [(packet, packet.pts, packet.dts, packet.duration) for packet in packets]
    try:
        with av.open(
            io.BytesIO(), "w", format=form.muxer, container_options=dict(form.file)
        ) as output:
            target = output.add_stream_from_template(stream)
            output.start_encoding()
            for packet in packets:
                packet.stream = target
                output.mux(packet)
    except (av.FFmpegError, ValueError):
        return False
    finally:
        for packet, *times in known:
            packet.stream, packet.time_base = stream, stream.time_base or Fraction(1)
            packet.pts, packet.dts, packet.duration = times
    return True


def decodes(stream: av.AudioStream, packets: Iterable[Packet[Stream]]) -> bool:
    """Whether there is any sound in ``packets``, the first ones of ``stream``."""
    context = stream.codec_context
    try:
        return any(_frames(context, packet) for packet in packets)
    finally:
        context.flush_buffers()


def _frames(context: av.AudioCodecContext, packet: Packet[Stream]) -> int:
    try:
        return len(context.decode(packet))
    except av.FFmpegError:
        return 0


def encoder_of(form: Format, source: av.AudioStream) -> tuple[str, int, str]:
    """The format's sound encoder, with parameters closest to the clip's.

    Returns:
        Its name, sample rate in Hz and channel layout.

    Raises:
        av.FFmpegError: There is no such encoder.
    """
    codec = av.Codec(form.audio, "w")
    rates = codec.audio_rates or [source.rate]
    wanted = max(source.rate, _LEAST_RATE_OF_MP3) if form.audio == "libmp3lame" else source.rate
    rate = min((r for r in rates if r >= wanted), default=max(rates))
    layout = next((name for name in _layouts(source) if _opens(codec, rate, name)), "stereo")
    return form.audio, rate, layout


def _layouts(source: av.AudioStream) -> list[str]:
    """Channel layouts to try, the clip's own first."""
    usual = {1: ["mono"], 6: ["5.1"], 7: ["5.1"], 8: ["7.1", "5.1"]}.get(source.channels, [])
    return [source.layout.name, *usual, "stereo", "mono"]


def _opens(codec: av.Codec, rate: int, layout: str) -> bool:
    try:
        context = av.CodecContext.create(codec, "w")
        assert isinstance(context, av.AudioCodecContext)
        context.rate, context.layout = rate, layout
        context.format = (codec.audio_formats or [context.format])[0]
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True
