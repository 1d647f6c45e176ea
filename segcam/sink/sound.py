"""The sound of a clip, carried over into the video made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.resampler import AudioResampler


class Sound:
    """Copies the first audio stream of a clip, in step with the pictures.

    Packets are copied as they are where the output's format holds their codec, else encoded to the
    format's own default.

    Args:
        path: The clip.
        output: Where to; its header must not have been written yet.

    Raises:
        av.FFmpegError: The clip cannot be read or its sound not encoded.
    """

    def __init__(self, path: Path, output: av.container.OutputContainer) -> None:
        self._output = output
        self._input = av.open(str(path))
        self._pending: av.Packet[av.AudioStream] | None = None
        self._packets = self._start()

    def copy_until(self, seconds: float) -> None:
        """Write all sound before ``seconds``."""
        while True:
            self._pending = self._pending or next(self._packets, None)
            if self._pending is None or _start_s(self._pending) >= seconds:
                return
            self._output.mux(self._pending)
            self._pending = None

    def close(self) -> None:
        """Release the clip."""
        self._input.close()

    def _start(self) -> Iterator[av.Packet[av.AudioStream]]:
        """Add the stream now, while the output has no header yet; fill it later."""
        codec = self._output.default_audio_codec
        if not self._input.streams.audio or codec in ("", "none"):
            return iter(())
        stream = self._input.streams.audio[0]
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
