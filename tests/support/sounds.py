"""Makes clips with tracks of sound, subtitles and chapters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = (48, 64)
RATE_HZ = 30


@dataclass
class Tone:
    """A track of sound: a sine."""

    codec: str = "aac"
    rate: int = 48000
    layout: str = "mono"
    seconds: float = 1.0
    start_s: float = 0.0
    hertz: int = 440
    tags: dict[str, str] = field(default_factory=dict)
    is_default: bool = False


def make_clip(
    path: Path,
    tones: Sequence[Tone] = (Tone(),),
    *,
    pictures: int = 30,
    first_picture_s: float = 0.0,
    tags: dict[str, str] | None = None,
    chapters: Sequence[tuple[float, float, str]] = (),
    subtitles: Sequence[tuple[float, float, str]] = (),
) -> Path:
    """A grey clip of 30 Hz with tracks of sound."""
    with av.open(str(path), "w") as output:
        output.metadata.update(tags or {})
        output.set_chapters(
            [
                {
                    "id": number,
                    "start": round(start * 1000),
                    "end": round(end * 1000),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for number, (start, end, title) in enumerate(chapters)
            ]
        )
        video = output.add_stream("mpeg4" if path.suffix != ".webm" else "libvpx", rate=RATE_HZ)
        video.height, video.width = SIZE
        streams = [(tone, _add_tone(output, tone)) for tone in tones]
        written = (
            output.add_mux_stream("subrip", time_base=Fraction(1, 1000)) if subtitles else None
        )
        output.start_encoding()
        for tone, stream in streams:
            for frame in _sine(tone):
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        for index in range(pictures):
            frame = av.VideoFrame.from_ndarray(
                np.full((SIZE[0] * 3 // 2, SIZE[1]), 120, np.uint8), format="yuv420p"
            )
            frame.pts = index + round(first_picture_s * RATE_HZ)
            frame.time_base = Fraction(1, RATE_HZ)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        for start_s, end_s, text in subtitles:
            packet = av.Packet(text.encode())
            packet.stream, packet.time_base = written, Fraction(1, 1000)
            packet.pts = packet.dts = round(start_s * 1000)
            packet.duration = round((end_s - start_s) * 1000)
            output.mux(packet)
    return path


@dataclass
class Heard:
    """A track of sound as a player gets it."""

    codec: str
    rate: int
    channels: int
    start_s: float
    seconds: float
    hertz: float
    tags: dict[str, str]
    is_default: bool


def listen(path: Path) -> list[Heard]:
    """The tracks of sound of a file."""
    with av.open(str(path)) as media:
        count = len(media.streams.audio)
    return [_listen(path, index) for index in range(count)]


def loud_from(path: Path, hertz: int) -> tuple[float, float]:
    """When a tone of this frequency starts in the first track, and its length, in seconds."""
    with av.open(str(path)) as media:
        stream = media.streams.audio[0]
        loud = []
        for frame in _decoded(media, stream):
            samples, rate = _mono(frame).astype(float), frame.sample_rate
            turn = np.exp(2j * np.pi * hertz * np.arange(len(samples)) / rate)
            strength = abs(samples @ turn) / len(samples)
            loud.append((float(frame.time), len(samples) / rate, strength))
    strongest = max(strength for *_, strength in loud)
    heard = [(at_s, long_s) for at_s, long_s, strength in loud if strength > strongest / 2]
    return heard[0][0], sum(long_s for _, long_s in heard)


def _listen(path: Path, index: int) -> Heard:
    with av.open(str(path)) as media:
        stream = media.streams.audio[index]
        frames = list(_decoded(media, stream))
        context = stream.codec_context
        samples = np.concatenate([_mono(frame) for frame in frames])
        return Heard(
            context.codec.canonical_name,
            context.sample_rate,
            context.channels,
            frames[0].time + _first_loud(samples) / context.sample_rate,
            len(samples) / context.sample_rate,
            _hertz(samples, context.sample_rate),
            dict(stream.metadata),
            bool(stream.disposition & av.stream.Disposition.default),
        )


def _decoded(media: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Decodes like a player, which skips damaged parts."""
    for packet in media.demux(stream):
        with suppress(av.FFmpegError):
            yield from packet.decode()


def _mono(frame: av.AudioFrame) -> np.ndarray:
    samples = frame.to_ndarray()
    return samples[0] if frame.format.is_planar else samples[0, :: frame.layout.nb_channels]


def _first_loud(samples: np.ndarray) -> int:
    """Start of the audible sound: codecs add silence at the beginning."""
    loudness = np.abs(samples.astype(float))
    return int(np.argmax(loudness > loudness.max() / 4))


def _hertz(samples: np.ndarray, rate: int) -> float:
    """The loudest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    return float(np.argmax(spectrum[1:]) + 1) * rate / len(samples)


def _add_tone(output: av.container.OutputContainer, tone: Tone) -> av.AudioStream:
    options = {"strict": "experimental"}
    stream = output.add_stream(tone.codec, rate=tone.rate, layout=tone.layout, options=options)
    stream.metadata.update(tone.tags)
    if tone.is_default:
        stream.disposition = av.stream.Disposition.default
    return stream


def _sine(tone: Tone) -> list[av.AudioFrame]:
    frames, count = [], int(tone.rate * tone.seconds)
    wave = (np.sin(2 * np.pi * tone.hertz * np.arange(count) / tone.rate) * 12000).astype(np.int16)
    for start in range(0, count, 1024):
        part = np.repeat(
            wave[None, start : start + 1024], len(av.AudioLayout(tone.layout).channels), 0
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), "s16p", tone.layout)
        frame.sample_rate, frame.pts = tone.rate, start + round(tone.start_s * tone.rate)
        frame.time_base = Fraction(1, tone.rate)
        frames.append(frame)
    return frames
