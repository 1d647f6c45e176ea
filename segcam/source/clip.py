"""Frames from a video file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from segcam.errors import MediaError
from segcam.frame import Frame, Size, even
from segcam.source.base import SourceInfo
from segcam.source.heads import head_of, is_animated_webp, refuse_heic
from segcam.source.pacer import Pacer, period_ns
from segcam.source.projector import Projector, shape_of, shown_size
from segcam.source.reel import DEFAULT_RATE_HZ, Reel, Shot, StreamReel, unreadable
from segcam.source.ticks import Ticks
from segcam.source.webp import WebpReel

LIVE_RATES_HZ = (10, 60)
"""A clip played as a camera keeps its own rate within this range; a slower camera looks as if it
hangs."""


class Clip:
    """A video file: every frame once, or played in a loop like a camera.

    Args:
        path: Any file that FFmpeg decodes, or an animated WebP picture.
        live: Play in real time and start over at the end.
        size: (H, W) to fill, cropping the rest; None for the clip's own.
        rate_hz: Frames per second, by repeating or dropping pictures; None for the clip's own rate,
            which is limited to ``LIVE_RATES_HZ`` if live.
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
        self._live = live
        self._wanted_size = size
        self._wanted_rate_hz = rate_hz
        self._duration_ns = None if duration_s is None else round(duration_s * 1e9)
        self._pacer = Pacer()
        self._reel: Reel | None = None
        self._shots: Reel | Ticks | None = None
        self._projector: Projector | None = None
        self._span_ns = 0, 0
        self._own_size: Size = (0, 0)
        self._rate_hz = DEFAULT_RATE_HZ
        self._count = 0
        self._starts_anew = True
        self._last_size: Size = (0, 0)

    def open(self) -> SourceInfo:
        """See `Source.open`.

        Raises:
            MediaError: The file is missing, is not a video, or has no picture that can be decoded.
        """
        reel = self._start()
        first = reel.first
        self._own_size = shown_size(first)
        size = even(self._wanted_size or self._own_size)
        self._projector = Projector(size, None if self._wanted_size else shape_of(first))
        frames = None if self._live else self._frame_count(reel)
        return SourceInfo(self._path.name, size, self._rate_hz, self._live, frames)

    @property
    def start_ns(self) -> int:
        """Start of the opened clip (picture or sound), on the clock of its frames' times."""
        reel = self._reel  # another thread may close the clip
        return self._span_ns[0] if reel is None else reel.start_ns

    @property
    def end_ns(self) -> int:
        """End of the last frame that was read, on the same clock.

        Not for a live clip. At the end of the clip it is the clip's own end, or the end by
        ``duration_s``. Also valid after ``close``.
        """
        reel, limit_ns = self._reel, self._limit_ns
        end_ns = self._span_ns[1] if reel is None else reel.end_ns
        return end_ns if limit_ns is None else min(end_ns, limit_ns)

    def read(self, out: Frame) -> bool:
        """See `Source.read`.

        Raises:
            MediaError: The clip breaks off before its stated length; a live clip starts over.
        """
        if self._shots is None:
            return False
        # As with a webcam: wait until the picture is due, then decode it.
        due_ns = self._pacer.wait(period_ns(self._rate_hz)) if self._live else None
        shot = None if self._pacer.interrupted else self._next()
        if shot is None:
            return False
        self._show(shot, out)
        size = shot.picture.height, shot.picture.width
        cut = self._starts_anew or size != self._last_size
        out.stamp(self._count, shot.start_ns if due_ns is None else due_ns, cut)
        self._starts_anew, self._last_size = False, size
        self._count += 1
        return not self._pacer.interrupted

    def name_of(self, frame_id: int) -> str:
        """The number of frame ``frame_id``, padded so that file names sort."""
        return f"{frame_id:05d}"

    def size_of(self, frame_id: int) -> Size:  # noqa: ARG002 - a clip has one size
        """(H, W) of the clip's pictures before they were rounded to even numbers."""
        return self._own_size

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pacer.interrupt()

    def close(self) -> None:
        """See `Source.close`."""
        if self._reel is not None:
            self._span_ns = self._reel.start_ns, self._reel.end_ns
            self._reel.close()
        self._reel = self._shots = self._projector = None  # they keep pictures alive

    @property
    def _limit_ns(self) -> int | None:
        if self._live or self._duration_ns is None:
            return None
        return self.start_ns + self._duration_ns

    def _start(self) -> Reel:
        if self._reel is not None:
            self._reel.close()
        reel = self._reel = open_reel(self._path)
        self._rate_hz = self._wanted_rate_hz or reel.rate_hz
        if self._live and not self._wanted_rate_hz:
            slowest, fastest = LIVE_RATES_HZ
            if not slowest <= reel.rate_hz <= fastest:
                self._rate_hz = DEFAULT_RATE_HZ
        resampled = self._live or self._wanted_rate_hz is not None
        self._shots = Ticks(reel, self._rate_hz) if resampled else reel
        self._starts_anew = True
        return reel

    def _next(self) -> Shot | None:
        shot = self._read()
        if shot is None and self._live:
            self._start()
            shot = self._read()
        limit_ns = self._limit_ns
        if shot is None or limit_ns is None or shot.start_ns < limit_ns or not self._count:
            return shot
        return None

    def _read(self) -> Shot | None:
        assert self._shots is not None
        try:
            return self._shots.read()
        except MediaError:
            if self._live:
                return None
            raise

    def _show(self, shot: Shot, out: Frame) -> None:
        assert self._projector is not None
        try:
            self._projector.show(shot, out)
        except av.FFmpegError as error:
            raise unreadable(self._path, error) from error

    def _frame_count(self, reel: Reel) -> int | None:
        if self._duration_ns is not None or reel.count is None:
            return None
        return round(reel.count * self._rate_hz / reel.rate_hz)


def open_reel(path: Path) -> Reel:
    """Opens a clip or an animated picture.

    Raises:
        MediaError: The file is missing or has no picture that can be decoded.
    """
    try:
        head = head_of(path)
    except OSError as error:
        raise unreadable(path, error) from error
    refuse_heic(path, head)
    return WebpReel(path) if is_animated_webp(head) else StreamReel(path)
