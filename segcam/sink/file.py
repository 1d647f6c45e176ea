"""Composites into a video file."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Colorspace

from segcam.errors import OutputUnwritable
from segcam.frame import Frame, Size
from segcam.sink.base import Sink
from segcam.sink.sound import Sound

log = logging.getLogger(__name__)

TIME_BASE = Fraction(1, 90_000)
"""Fine enough for every frame rate in use; what MPEG itself counts in."""
X264 = {"preset": "veryfast", "crf": "19"}
"""Visually lossless at 720p; "veryfast" encodes 720p in real time beside the rest."""


class FileSink(Sink):
    """A video file by its ending: mp4, mkv, mov, webm, avi, gif.

    Frames keep their capture times, so that a clip keeps its own.

    Args:
        path: Overwritten if it exists, in place only when the last frame is written: until then the
            frames go to a file beside it.
        sound_from: A clip whose sound is carried over, where the format holds sound.
        sound_until_s: As far as that, None for all of it.
    """

    is_camera = False

    def __init__(
        self, path: Path, sound_from: Path | None = None, sound_until_s: float | None = None
    ) -> None:
        self.name = str(path)
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{os.getpid()}{path.suffix}")
        self._abandoned = False
        self._sound_from = sound_from
        self._sound_end_s = float("inf") if sound_until_s is None else sound_until_s
        self._container: av.container.OutputContainer | None = None
        self._first_ns: int | None = None
        self._last_pts = -1

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`.

        Raises:
            OutputUnwritable: No such folder, no permission, or no such video format.
        """
        self._first_ns, self._last_pts = None, -1
        try:
            self._container = av.open(str(self._part), "w")
            self._stream = self._add_stream(self._container, size, rate_hz)
            self._sound = Sound(self._sound_from, self._container) if self._sound_from else None
            self._container.start_encoding()  # the file is opened here, not before
        except (av.FFmpegError, OSError, ValueError) as error:
            self._abandon()
            raise self._unwritable(error) from error

    def send(self, frame: Frame) -> None:
        """See `Sink.send`. A frame that is not later than the one before it is left out."""
        assert self._container is not None
        if self._first_ns is None:
            self._first_ns = frame.captured_ns
            if self._sound is not None:
                self._sound.origin_s = self._first_ns / 1e9
        seconds = (frame.captured_ns - self._first_ns) / 1e9
        pts = round(seconds / TIME_BASE)
        if pts <= self._last_pts:
            return
        self._last_pts = pts
        try:
            if self._sound is not None:
                self._sound.copy_until(seconds)
            self._container.mux(self._stream.encode(self._picture(frame, pts)))
        except (av.FFmpegError, OSError) as error:
            raise self._unwritable(error) from error

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        self._abandoned = True

    def close(self) -> None:
        """See `Sink.close`. A file without a frame is not left behind."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            if self._last_pts < 0 or self._abandoned:
                container.close()
                self._discard()
                return
            if self._sound is not None:
                self._sound.copy_until(self._sound_end_s)
                self._sound.close()
            container.mux(self._stream.encode(None))
            container.close()
            self._part.replace(self._path)
        except (av.FFmpegError, OSError) as error:
            self._discard()
            raise self._unwritable(error) from error

    def _add_stream(
        self, container: av.container.OutputContainer, size: Size, rate_hz: Fraction
    ) -> av.VideoStream:
        codec = container.default_video_codec
        if codec in ("", "none"):
            raise ValueError(f"the format of {self._path.suffix} holds no video")
        stream = container.add_stream(codec, rate=rate_hz, options=X264 if codec == "h264" else {})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p" if codec != "gif" else "rgb8"
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        stream.codec_context.color_range = ColorRange.MPEG
        stream.codec_context.colorspace = Colorspace.ITU601
        return stream

    def _picture(self, frame: Frame, pts: int) -> av.VideoFrame:
        picture = av.VideoFrame.from_ndarray(frame.data, format="yuv420p")
        picture.color_range, picture.colorspace = ColorRange.MPEG, Colorspace.ITU601
        picture.pts, picture.time_base = pts, TIME_BASE
        if self._stream.pix_fmt != "yuv420p":
            picture = picture.reformat(format=self._stream.pix_fmt)
        return picture

    def _abandon(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None
        self._discard()

    def _discard(self) -> None:
        with suppress(OSError):
            self._part.unlink()

    def _unwritable(self, error: Exception) -> OutputUnwritable:
        return OutputUnwritable(
            f"{self._path} cannot be written",
            getattr(error, "strerror", None) or str(error),
            "Choose a folder you may write to, with room left, and an ending like .mp4 or .mkv",
        )
