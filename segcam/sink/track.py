"""Transfers one track of a clip to the rendered video: copies it or encodes it again.

Times are in seconds from the start of the video, put in order by `Clock`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Protocol

import av
from av import Packet
from av.audio.resampler import AudioResampler
from av.stream import Stream
from av.subtitles.codeccontext import SubtitleCodecContext
from av.subtitles.subtitle import AssSubtitle, SubtitleSet

GAP_S = 0.1
"""A longer gap between two pieces of sound is filled with silence; a shorter one is closed."""


class Track(Protocol):
    """Converts packets of one stream into those of another."""

    def take(self, packet: Packet[Stream], start_s: float) -> Iterator[Packet[Stream]]:
        """The packets to write for a packet that starts at ``start_s``.

        Raises:
            av.FFmpegError: This packet is damaged; later ones may be valid.
        """

    def rest(self) -> Iterator[Packet[Stream]]:
        """The remaining packets, at the end."""


class Copied:
    """Passes the packets on unchanged.

    Args:
        target: A stream with the clip's parameters.
    """

    def __init__(self, target: Stream) -> None:
        self._target = target
        self._last: int | None = None

    def take(self, packet: Packet[Stream], start_s: float) -> Iterator[Packet[Stream]]:
        """See `Track.take`."""
        assert packet.time_base is not None
        if packet.is_corrupt:
            raise av.InvalidDataError(0, "the packet is damaged")
        ticks = round(start_s / packet.time_base)
        if self._last is not None:
            ticks = max(ticks, self._last + 1)
        self._last = packet.pts = packet.dts = ticks
        packet.stream = self._target
        yield packet

    def rest(self) -> Iterator[Packet[Stream]]:
        """See `Track.rest`."""
        return iter(())


class Encoded:
    """Decodes sound and encodes it again, with any rates and channels.

    Args:
        source: The clip's stream.
        target: The stream to write.
    """

    def __init__(self, source: av.AudioStream, target: av.AudioStream) -> None:
        self._source = source
        self._target = target
        self._resampler: AudioResampler | None = None
        self._kind: tuple[object, ...] = ()
        self._samples = 0
        self._started = False

    def take(self, packet: Packet[Stream], start_s: float) -> Iterator[Packet[Stream]]:
        """See `Track.take`."""
        for frame in self._source.codec_context.decode(packet):
            if frame.pts is not None and packet.pts is not None:
                start_s += float((frame.pts - packet.pts) * packet.time_base)
            yield from self._encode(frame, start_s)
            start_s += frame.samples / frame.sample_rate

    def rest(self) -> Iterator[Packet[Stream]]:
        """See `Track.rest`."""
        with suppress(av.FFmpegError):  # the end of the track may be damaged
            for frame in self._source.codec_context.decode(None):
                yield from self._encode(frame, self._samples / self._target.codec_context.rate)
        if self._resampler is not None:
            yield from self._put(self._resampler.resample(None))
        yield from self._target.encode(None)

    def _encode(self, frame: av.AudioFrame, start_s: float) -> Iterator[Packet[Stream]]:
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if self._resampler is None or kind != self._kind:
            if self._resampler is not None:
                yield from self._put(self._resampler.resample(None))
            self._kind, self._resampler = kind, self._make_resampler()
        yield from self._fill(start_s)
        frame.pts = None
        yield from self._put(self._resampler.resample(frame))

    def _make_resampler(self) -> AudioResampler:
        context = self._target.codec_context
        return AudioResampler(context.format, context.layout, context.rate)

    def _fill(self, start_s: float) -> Iterator[Packet[Stream]]:
        """Start at the first sound, then fill gaps with silence."""
        rate = self._target.codec_context.rate
        missing = round(start_s * rate) - self._samples
        if not self._started:
            self._started, self._samples = True, max(0, round(start_s * rate))
        elif missing > GAP_S * rate:
            yield from self._put(_silence(self._target.codec_context, missing))

    def _put(self, frames: list[av.AudioFrame]) -> Iterator[Packet[Stream]]:
        for frame in frames:
            frame.pts = self._samples
            frame.time_base = Fraction(1, frame.sample_rate)
            self._samples += frame.samples
            yield from self._target.encode(frame)


class Rewritten:
    """Encodes subtitles in the output's format.

    Args:
        source: The clip's stream; text, not pictures.
        target: The stream to write.
    """

    def __init__(self, source: Stream, target: Stream) -> None:
        reader, writer = source.codec_context, target.codec_context
        assert isinstance(reader, SubtitleCodecContext)
        assert isinstance(writer, SubtitleCodecContext)
        reader.open(strict=False)
        writer.subtitle_header = reader.subtitle_header
        self._reader, self._writer, self._target = reader, writer, target

    def take(self, packet: Packet[Stream], start_s: float) -> Iterator[Packet[Stream]]:
        """See `Track.take`."""
        assert packet.time_base is not None
        duration_ms = round((packet.duration or 0) * packet.time_base * 1000)
        for shown in self._reader.decode2(packet) or ():
            assert isinstance(shown, AssSubtitle)
            text = SubtitleSet.create(shown.ass, 0, duration_ms)
            written = self._writer.encode_subtitle(text)
            written.stream = self._target
            written.time_base = Fraction(1, 1000)
            written.pts = written.dts = round(start_s * 1000)
            written.duration = duration_ms
            yield written

    def rest(self) -> Iterator[Packet[Stream]]:
        """See `Track.rest`."""
        return iter(())


def _silence(context: av.AudioCodecContext, samples: int) -> list[av.AudioFrame]:
    frames = []
    while samples > 0:
        count = min(samples, context.rate)
        frame = av.AudioFrame(context.format.name, context.layout.name, count)
        frame.sample_rate = context.rate
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frames.append(frame)
        samples -= count
    return frames
