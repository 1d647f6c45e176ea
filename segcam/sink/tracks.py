"""Copies a clip's sound, subtitles, chapters and tags to the rendered video.

It never copies other pictures (thumbnails, covers, second video tracks), which would show the room.
A track that cannot be copied is left out with a warning and never ends the rendering.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
from av import Packet
from av.stream import Stream

from segcam.media import open_media
from segcam.sink.clock import Clock, Joins
from segcam.sink.formats import Format
from segcam.sink.part import Part
from segcam.sink.tags import copy_chapters, copy_stream_tags, copy_tags
from segcam.sink.track import Copied, Encoded, Rewritten, Track
from segcam.sink.trial import decodes, encoder_of, takes

log = logging.getLogger(__name__)

LEAD_IN_S = 0.1
"""Sound that starts earlier than the first picture by less than this does not shift the picture:
codecs start with a packet that only primes the decoder."""
_AHEAD = 500
"""Packets to inspect before the video begins, to learn when and how the tracks start."""
_MOST_FAULTS = 100
"""After this many faults in a row, give up a track or end a clip."""
_BITS_PER_CHANNEL = 96_000
"""Bits per second of sound that is encoded again: no audible difference."""
_TEXT = ("subrip", "ass", "mov_text", "webvtt", "text")
"""Codecs of subtitles that are text, not pictures."""


@dataclass(slots=True)
class _Line:
    """A track that is being copied."""

    name: str
    track: Track
    clock: Clock
    faults: int = 0
    in_a_row: int = 0


class Tracks:
    """Copies a clip's sound, subtitles, chapters and tags, in step with the pictures.

    Args:
        path: The clip.
        output: The video; its header must not have been written yet.
        part: The file that ``output`` writes.
        form: Its format.

    Raises:
        SegCamError, av.FFmpegError: The clip cannot be read.
    """

    def __init__(
        self, path: Path, output: av.container.OutputContainer, part: Part, form: Format
    ) -> None:
        self._output, self._part, self._form = output, part, form
        self._zero_s, self._until_s = 0.0, float("inf")
        self._lines: dict[int, _Line] = {}
        self._waiting: tuple[_Line, Packet[Stream], float] | None = None
        self._input = open_media(path)
        streams = self._input.streams
        self._sources = [*streams.audio, *streams.subtitles] if form.audio else []
        self._video = streams.best("video")
        packets = Joins(self._video).timed(self._demuxed()) if self._sources else iter(())
        self._first = list(islice(packets, _AHEAD))
        self._packets = chain(self._first, packets)

    @property
    def start_s(self) -> float | None:
        """Start of the first sound in the clip's time; None: no sound."""
        starts: dict[int, float] = {}
        for packet, shift_s in self._first:
            if packet.stream.type == "audio" and packet.dts is not None:
                start_s = float(packet.dts * packet.time_base) + shift_s
                starts.setdefault(packet.stream.index, start_s)
        return min(starts.values(), default=None)

    def begin(self, zero_s: float, until_s: float) -> None:
        """Add the tracks to the output.

        Args:
            zero_s: The clip's time that becomes 0 in the output.
            until_s: Leave out everything after this output time.
        """
        self._zero_s, self._until_s = zero_s, until_s
        end_s = self._input.duration and self._input.duration / av.time_base
        end_s = end_s and end_s + (self._input.start_time or 0) / av.time_base
        for number, source in enumerate(self._sources, 1):
            name = _name(source, number)
            track = self._track(source, name)
            if track is not None:
                clock = Clock(end_s, overlapping=source.type == "subtitle")
                self._lines[source.index] = _Line(name, track, clock)
        copy_tags(self._input, self._output)
        copy_chapters(self._input, self._output, zero_s, until_s)

    def copy_until(self, seconds: float) -> None:
        """Write all packets before ``seconds`` of the output's time.

        Raises:
            OSError: It cannot be written.
        """
        while True:
            self._waiting = self._waiting or self._next()
            if self._waiting is None or self._waiting[2] >= seconds:
                return
            line, packet, start_s = self._waiting
            self._waiting = None
            if line.clock.overlapping and packet.duration and packet.time_base:
                start_s, packet.duration = _cut(start_s, packet.duration, packet.time_base)
            if -LEAD_IN_S <= start_s < self._until_s:
                self._attempt(line, line.track.take(packet, start_s))

    def finish(self) -> None:
        """Write all remaining packets.

        Raises:
            OSError: It cannot be written.
        """
        self.copy_until(float("inf"))
        for line in self._lines.values():
            self._attempt(line, line.track.rest())
            if line.faults:
                log.warning("%s: %d damaged packets were skipped", line.name, line.faults)

    def close(self) -> None:
        """Release the clip."""
        self._input.close()

    def _track(self, source: Stream, name: str) -> Track | None:
        """Add a stream for ``source``; None if it is left out."""
        try:
            if isinstance(source, av.AudioStream):
                return self._sound(source)
            return self._subtitles(source)
        except (av.FFmpegError, ValueError) as error:
            log.warning("%s is skipped: %s", name, _reason(error))
            return None

    def _sound(self, source: av.AudioStream) -> Track:
        if source.codec_context is None:
            raise ValueError("FFmpeg does not know its codec")
        # FFmpeg may know nothing of sound that starts late, until some is decoded.
        if not source.rate and not decodes(source, self._first_of(source)):
            raise ValueError("none of it can be decoded")
        if source.codec_context.codec.canonical_name in self._form.copied and self._takes(source):
            return Copied(self._like(source))
        if not decodes(source, self._first_of(source)):
            raise ValueError("none of it can be decoded")
        codec, rate, layout = encoder_of(self._form, source)
        target = self._output.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(target, av.AudioStream)
        target.bit_rate = min(_BITS_PER_CHANNEL, 4 * rate) * target.channels
        copy_stream_tags(source, target)
        return Encoded(source, target)

    def _subtitles(self, source: Stream) -> Track:
        if self._takes(source):
            return Copied(self._like(source))
        codec = source.codec_context.codec if source.codec_context else None
        if codec is None or not self._form.subtitles or codec.canonical_name not in _TEXT:
            raise ValueError(f"{self._form.muxer} files cannot contain its kind of subtitles")
        target = self._output.add_stream(self._form.subtitles)
        copy_stream_tags(source, target)
        return Rewritten(source, target)

    def _takes(self, source: Stream) -> bool:
        return takes(self._form, source, list(islice(self._first_of(source), 5)))

    def _first_of(self, source: Stream) -> Iterator[Packet[Stream]]:
        return (packet for packet, _ in self._first if packet.stream.index == source.index)

    def _like(self, source: Stream) -> Stream:
        target = self._output.add_stream_from_template(source)
        copy_stream_tags(source, target)
        return target

    def _demuxed(self) -> Iterator[Packet[Stream]]:
        """The packets of all tracks and of the video, in the clip's order."""
        streams = [*self._sources, self._video] if self._video is not None else self._sources
        for _ in range(_MOST_FAULTS):
            try:
                for packet in self._input.demux(streams):
                    if packet.size:  # an empty one only marks the end of the stream
                        yield packet
            except (av.FFmpegError, OSError) as error:
                log.debug("continuing after %s", error)
            else:
                return

    def _next(self) -> tuple[_Line, Packet[Stream], float] | None:
        for packet, shift_s in self._packets:
            line = self._lines.get(packet.stream.index)
            if line is not None and line.in_a_row < _MOST_FAULTS:
                return line, packet, line.clock.start_of(packet, shift_s) - self._zero_s
        return None

    def _attempt(self, line: _Line, packets: Iterator[Packet[Stream]]) -> None:
        try:
            for packet in packets:
                self._output.mux(packet)
            line.in_a_row = 0
        except (av.FFmpegError, ValueError) as error:
            if self._part.error is not None:
                raise self._part.error from error
            line.faults += 1
            line.in_a_row += 1
            log.debug("%s: %s", line.name, error)
            if line.in_a_row == _MOST_FAULTS:
                log.warning("%s is skipped from here on: %s", line.name, _reason(error))


def _cut(start_s: float, duration: int, tick_s: Fraction) -> tuple[float, int]:
    """Start and duration, without the part before the beginning."""
    early = min(duration, max(0, round(-start_s / tick_s)))
    return start_s + float(early * tick_s), duration - early


def _name(source: Stream, number: int) -> str:
    kind = "Sound track" if source.type == "audio" else "Subtitles"
    language = source.language
    return f"{kind} {number}{f' ({language})' if language else ''}"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
