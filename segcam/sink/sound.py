"""The sound of a clip, carried over into the video made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.resampler import AudioResampler

LEAD_IN_S = 0.1
"""Sound from so long before the first picture is kept: codecs start with a packet that only warms
up the decoder."""


class Sound:
    """Copies the first audio stream of a clip, in step with the pictures.

    Packets are copied as they are where the output's format holds their codec, else encoded to the
    format's own default.

    Args:
        path: The clip.
        output: Where to; its header must not have been written yet.

    Raises:
        av.FFmpegError: The clip cannot be read or its sound not encoded.

    Attributes:
        origin_s: Time in the clip that is 0 in the output: its first picture's.
    """

    def __init__(self, path: Path, output: av.container.OutputContainer) -> None:
        self.origin_s = 0.0
        self._output = output
        self._input = av.open(str(path))
        self._pending: av.Packet[av.AudioStream] | None = None
        self._packets = self._start()

    def copy_until(self, seconds: float) -> None:
        """Write all sound before ``seconds`` of the output's time."""
        while True:
            self._pending = self._pending or next(self._packets, None)
            if self._pending is None or _start_s(self._pending) - self.origin_s >= seconds:
                return
            packet, self._pending = self._pending, None
            if _start_s(packet) - self.origin_s >= -LEAD_IN_S:
                _move(packet, -self.origin_s)
                self._output.mux(packet)

    def close(self) -> None:
        """Release the clip."""
        self._input.close()

    def _start(self) -> Iterator[av.Packet[av.AudioStream]]:
        """Add the stream now, while the output has no header yet; fill it later."""
        codec = self._output.default_audio_codec
        if not self._input.streams.audio or codec in ("", "none"):
            return iter(())
        stream = self._input.streams.audio[0]
        if not stream.rate:  # announced, but the clip breaks off before any of it
            return iter(())
        name = stream.codec_context.name
        # formats that allow bare samples are many, players that expect them few
        if name in self._output.supported_codecs and not name.startswith("pcm"):
            return self._copied(stream, self._output.add_stream_from_template(stream))
        layout = "mono" if stream.channels == 1 else "stereo"
        target = self._output.add_stream(codec, rate=stream.rate, layout=layout)
        assert isinstance(target, av.AudioStream)
        return self._encoded(stream, target)

    def _copied(
        self, stream: av.AudioStream, target: av.AudioStream
    ) -> Iterator[av.Packet[av.AudioStream]]:
        for packet in self._input.demux(stream):
            if packet.dts is not None:
                packet.stream = target
                yield packet

    def _encoded(
        self, stream: av.AudioStream, target: av.AudioStream
    ) -> Iterator[av.Packet[av.AudioStream]]:
        context = target.codec_context
        resampler = AudioResampler(context.format, context.layout, context.rate, context.frame_size)
        for frame in self._input.decode(stream):
            for resampled in resampler.resample(frame):
                yield from target.encode(resampled)
        for resampled in resampler.resample(None):
            yield from target.encode(resampled)
        yield from target.encode(None)


def _start_s(packet: av.Packet[av.AudioStream]) -> float:
    return float((packet.dts or 0) * packet.time_base)


def _move(packet: av.Packet[av.AudioStream], seconds: float) -> None:
    ticks = round(seconds / packet.time_base)
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks
