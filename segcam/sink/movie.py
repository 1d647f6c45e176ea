"""Encodes composites into an open video file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import av
from av import Packet, VideoStream
from av.filter import Graph
from av.video.reformatter import ColorRange, Colorspace

from segcam.frame import Frame, Size
from segcam.sink.formats import Format

_REPEATING = ("gif", "avi")
"""Formats that do not store the length of the last picture: a long one is repeated."""
_IN_ORDER = ("mp4", "mov")
"""Formats whose files end with the picture that was encoded last. If another one is shown after it,
players stop before that: in a rendered file it must be the last, in a recording, where that would
cost two thirds more bytes, it claims to last until the end."""
_FINEST = 65_535
"""MPEG-4's limit for ticks per second."""


class Movie:
    """The video stream of a file: each picture lasts until the next, the last one until `finish`.

    Args:
        output: Its header must not have been written yet.
        form: Its format.
        size: (H, W) of the frames.
        rate_hz: Nominal frames per second.
        live: The frames come in real time.
        write: Called with each packet.
    """

    def __init__(
        self,
        output: av.container.OutputContainer,
        form: Format,
        size: Size,
        rate_hz: Fraction,
        *,
        live: bool,
        write: Callable[[Packet[VideoStream]], None],
    ) -> None:
        self._write_packet = write
        self._form = form
        rate_hz = rate_hz.limit_denominator(max(1, min(1001, int(_FINEST / rate_hz))))
        self._tick_s = form.tick_s or 1 / rate_hz
        self._period = max(1, round(1 / rate_hz / self._tick_s))
        options = {**form.options, **(form.in_time if live else {})}
        if form.muxer in _IN_ORDER and not live:
            options["bf"] = "0"
        stream = output.add_stream(form.video, rate=rate_hz, options=options)
        assert isinstance(stream, VideoStream)
        self._stream = stream
        stream.height, stream.width = size
        stream.pix_fmt = "pal8" if form.muxer == "gif" else "yuv420p"
        stream.time_base = stream.codec_context.time_base = self._tick_s
        if form.muxer != "gif":
            stream.codec_context.color_range = ColorRange.MPEG
            stream.codec_context.colorspace = Colorspace.ITU601
        self._palette = _Palette(size, self._tick_s) if form.muxer == "gif" else None
        self._waiting: av.VideoFrame | None = None
        self._waiting_pts = -1
        self._lasting: dict[int, int] = {}
        self._last_duration = self._period

    @property
    def empty(self) -> bool:
        """Whether there is no picture yet."""
        return self._waiting is None

    def add(self, frame: Frame, seconds: float) -> None:
        """Show ``frame`` from ``seconds`` on; skipped if that is not later than the last one.

        Raises:
            av.FFmpegError, OSError: It cannot be encoded or written.
        """
        pts = round(seconds / self._tick_s)
        if self._waiting is not None:
            if self._form.tick_s is None:  # times are rounded to whole frames, without losing one
                pts = max(pts, self._waiting_pts + 1)
            if pts <= self._waiting_pts:
                return
            self._write(self._waiting, pts - self._waiting_pts)
        picture = av.VideoFrame.from_ndarray(frame.data, format="yuv420p")
        picture.color_range, picture.colorspace = ColorRange.MPEG, Colorspace.ITU601
        picture.pts, picture.time_base = pts, self._tick_s
        self._waiting, self._waiting_pts = picture, pts

    def finish(self, end_s: float | None) -> None:
        """Write everything that is left.

        Args:
            end_s: End of the last picture; None: after a frame period.

        Raises:
            av.FFmpegError, OSError: As `add`.
        """
        last, self._waiting = self._waiting, None
        if last is not None:
            duration = self._period
            if end_s is not None:
                duration = max(1, round(end_s / self._tick_s) - self._waiting_pts)
            self._write_last(last, duration)
        if self._palette is not None:
            self._mux(self._palette.rest())
        end = self._waiting_pts + self._last_duration if self._form.muxer in _IN_ORDER else 0
        self._put(self._stream.encode(None), end)

    def _write_last(self, last: av.VideoFrame, duration: int) -> None:
        again = self._again(duration)
        self._write(last, again or duration)
        if again:
            last.pts = self._waiting_pts + again
            self._write(last, duration - again)

    def _again(self, duration: int) -> int:
        """Ticks after which to repeat the last picture; 0: do not repeat."""
        if self._form.muxer not in _REPEATING or duration < 2:
            return 0
        if self._form.muxer == "avi":  # each picture lasts one tick or until the next
            return duration - 1
        # the last picture of a GIF lasts as long as the previous one
        return 0 if abs(duration - self._last_duration) < 2 else duration // 2

    def _write(self, picture: av.VideoFrame, duration: int) -> None:
        picture.duration = self._last_duration = duration
        if self._palette is None:
            self._mux([picture])
        else:
            self._mux(self._palette.apply(picture))

    def _mux(self, pictures: list[av.VideoFrame]) -> None:
        for picture in pictures:
            assert picture.pts is not None
            self._lasting[picture.pts] = picture.duration
            self._put(self._stream.encode(picture))

    def _put(self, packets: list[Packet[VideoStream]], end: int = 0) -> None:
        """Write packets; the last one lasts until ``end`` at least, in ticks."""
        for packet in packets:  # some encoders do not set a picture's duration
            assert packet.pts is not None
            packet.duration = self._lasting.pop(packet.pts, self._period)
            if packet is packets[-1]:
                packet.duration = max(packet.duration, end - packet.pts)
            self._write_packet(packet)


class _Palette:
    """Gives each picture its best palette of 256 colours."""

    def __init__(self, size: Size, tick_s: Fraction) -> None:
        graph = self._graph = Graph()
        source = graph.add(
            "buffer",
            f"video_size={size[1]}x{size[0]}:pix_fmt=yuv420p:time_base={tick_s}:pixel_aspect=1/1"
            ":colorspace=smpte170m:range=tv",
        )
        split = graph.add("split")
        generate = graph.add("palettegen", "stats_mode=single")
        use = graph.add("paletteuse", "new=1")
        sink = graph.add("buffersink")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(generate, 1, 0)
        generate.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()

    def apply(self, picture: av.VideoFrame) -> list[av.VideoFrame]:
        """Add a picture; returns pictures that are ready."""
        self._graph.vpush(picture)
        return self._ready()

    def rest(self) -> list[av.VideoFrame]:
        """The remaining pictures, at the end."""
        self._graph.vpush(None)
        return self._ready()

    def _ready(self) -> list[av.VideoFrame]:
        ready = []
        while True:
            try:
                ready.append(self._graph.vpull())
            except (av.BlockingIOError, av.EOFError):
                return ready
