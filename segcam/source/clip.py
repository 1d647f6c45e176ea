"""Frames from a video file, through FFmpeg."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np

from segcam.errors import MediaError
from segcam.fit import cover
from segcam.frame import Frame, Size, even
from segcam.media import open_media
from segcam.source.base import SourceInfo
from segcam.source.decode import PlaneReader
from segcam.source.pacer import Pacer, period_ns

DEFAULT_RATE_HZ = Fraction(30)


class Clip:
    """A video file, every frame once, or played in a loop at its own rate as a camera would.

    Args:
        path: Anything FFmpeg decodes: mp4, mkv, webm, mov, gif.
        live: Play in real time and start over at the end.
        size: (H, W) to scale to, what does not fit cut off; None for the clip's own.
        rate_hz: Rate to play at, None for the clip's own.
        duration_s: End after that much of the clip, None for all of it; live, it has no end.
    """

    def __init__(
        self,
        path: Path,
        live: bool = False,
        size: Size | None = None,
        rate_hz: Fraction | None = None,
        duration_s: float | None = None,
    ) -> None:
        self._path = path
        self._keeps_times = rate_hz is None
        self._duration_s = duration_s
        self._live = live
        self._size = size
        self._rate_hz = rate_hz
        self._container: av.container.InputContainer | None = None
        self._pictures: Iterator[av.VideoFrame] = iter(())
        self._reader = PlaneReader()
        self._pacer = Pacer()
        self._count = 0
        self._own_size: Size = (0, 0)
        self._starts_anew = True
        self._turns = 0
        self._whole, self._turned = Frame.empty((2, 2)), Frame.empty((2, 2))
        self._length_s = self._reached_s = 0.0

    def open(self) -> SourceInfo:
        """See `Source.open`.

        Raises:
            MediaError: The file is missing, is no video, or holds no picture that can be decoded.
        """
        container, stream = self._start()
        first = self._decode()
        if first is None:
            self.close()
            raise self._unreadable(None)
        self._pictures = chain([first], self._pictures)
        self._turns = first.rotation // 90 % 4
        height, width = first.height, first.width
        self._own_size = (width, height) if self._turns % 2 else (height, width)
        self._size = even(self._size or self._own_size)
        self._rate_hz = self._rate_hz or stream.average_rate or DEFAULT_RATE_HZ
        self._length_s = _length_s(container, stream)
        frames = None if self._live else self._frame_count(stream)
        return SourceInfo(self._path.name, self._size, self._rate_hz, self._live, frames)

    def read(self, out: Frame) -> bool:
        """See `Source.read`.

        Raises:
            MediaError: The clip breaks off before the length it claims; live, it starts over.
        """
        if self._rate_hz is None or self._size is None:
            return False
        # As from a webcam: first the picture is due, then it is decoded, then all the rest follows.
        due_ns = self._pacer.wait(period_ns(self._rate_hz)) if self._live else None
        picture = None if self._pacer.interrupted else self._next()
        if picture is None:
            return False
        out.resize(self._size)
        if self._turns or not _same_shape(self._own_size, self._size):
            self._read_fitted(picture, out)
        else:
            self._reader.copy(picture, out)
        time_ns = self._time_ns(picture, self._rate_hz) if due_ns is None else due_ns
        out.stamp(self._count, time_ns, cut=self._starts_anew)
        self._starts_anew = False
        self._count += 1
        return not self._pacer.interrupted

    def name_of(self, frame_id: int) -> str:
        """The number of frame ``frame_id``, for files that must sort."""
        return f"{frame_id:05d}"

    def size_of(self, frame_id: int) -> Size:  # noqa: ARG002 - a clip has one size
        """(H, W) of the clip's pictures before they were made even."""
        return self._own_size

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pacer.interrupt()

    def close(self) -> None:
        """See `Source.close`."""
        self._pictures = iter(())
        if self._container is not None:
            self._container.close()
            self._container = None

    def _start(self) -> tuple[av.container.InputContainer, av.VideoStream]:
        self.close()
        try:
            container = self._container = open_media(self._path)
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1  # latency and CPU time before throughput
            self._pictures = container.decode(stream)
        except (av.FFmpegError, OSError, IndexError) as error:
            self.close()
            raise self._unreadable(error) from error
        return container, stream

    def _next(self) -> av.VideoFrame | None:
        picture = self._decode()
        if picture is None and self._live:
            self._start()
            self._starts_anew = True
            picture = self._decode()
        if picture is None and self._reached_s + 1.0 < self._length_s:
            raise self._cut_short(f"It says that it is {self._length_s:.1f} s long")
        if picture is not None and picture.pts is not None:
            self._reached_s = _start_s(picture)
        if not self._live and self._duration_s is not None and self._reached_s >= self._duration_s:
            return None
        return picture

    def _decode(self) -> av.VideoFrame | None:
        try:
            return next(self._pictures, None)
        except (av.FFmpegError, OSError) as error:
            if self._count == 0:
                raise self._unreadable(error) from error
            if self._live:
                return None
            raise self._cut_short(error.strerror or str(error)) from error

    def _read_fitted(self, picture: av.VideoFrame, out: Frame) -> None:
        """Turn a picture as the clip asks (telephones film sideways and say so) and fit it."""
        whole, turned = self._whole, self._turned
        whole.resize(even((picture.height, picture.width)))
        turned.resize(even(self._own_size))
        self._reader.copy(picture, whole)
        for plane, target in zip(whole.planes, turned.planes, strict=True):
            np.copyto(target, np.rot90(plane, self._turns))
        cover(turned, out)

    def _time_ns(self, picture: av.VideoFrame, rate_hz: Fraction) -> int:
        if not self._keeps_times or picture.pts is None:
            return self._count * period_ns(rate_hz)
        return round(_start_s(picture) * 1e9)

    def _frame_count(self, stream: av.VideoStream) -> int | None:
        if self._duration_s is not None:
            return None
        return stream.frames or round(self._length_s * (stream.average_rate or 0)) or None

    def _cut_short(self, reason: str) -> MediaError:
        return MediaError(
            f"{self._path} breaks off after {self._count} frames",
            reason,
            "What could be read was used; get a whole copy of the clip",
        )

    def _unreadable(self, error: Exception | None) -> MediaError:
        reason = getattr(error, "strerror", None) or str(error or "it holds no picture")
        return MediaError(
            f"{self._path} cannot be read as a video",
            reason,
            "Play it in a video player to see whether it is whole; mp4, mkv, webm, mov, gif work",
        )


def _length_s(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    """How long the pictures go on, as far as the file says; 0.0 where it does not."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    claimed = re.fullmatch(r"(\d+):(\d+):([\d.]+)", stream.metadata.get("DURATION", ""))
    if claimed:  # as Matroska has it
        return int(claimed[1]) * 3600 + int(claimed[2]) * 60 + float(claimed[3])
    if container.duration and not container.streams.audio:  # sound may be longer than pictures
        return container.duration / av.time_base
    return 0.0


def _start_s(picture: av.VideoFrame) -> float:
    return float((picture.pts or 0) * (picture.time_base or 0))


def _same_shape(size: Size, other: Size) -> bool:
    """Whether one scaled is the other, but for 2 %: rounding, and what nobody sees."""
    return abs(size[0] * other[1] / (size[1] * other[0]) - 1) < 0.02
