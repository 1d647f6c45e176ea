"""The pictures of a clip, in the order and at the times of a player."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Protocol, cast

import av

from segcam.errors import MediaError
from segcam.media import MOST_CLIP_PIXELS, open_media
from segcam.source.claims import is_cut
from segcam.source.deinterlace import Deinterlacer
from segcam.source.matroska import is_whole
from segcam.source.rotation import turn_of
from segcam.source.streams import decoder_of, film_of
from segcam.source.times import Times
from segcam.source.turn import UPRIGHT, Turn

log = logging.getLogger(__name__)

DEFAULT_RATE_HZ = Fraction(30)
SHORTFALL_NS = 1_000_000_000
"""A clip that ends this much before its stated length was cut off; less is rounding."""
_STRANGEST_PIXEL = 4
"""A pixel aspect beyond this is an error in the file."""
_CLAIMED = re.compile(r"(\d{1,9}):(\d{1,9}):(\d{1,9}(?:\.\d+)?)", re.ASCII)
"""A length in the tags of Matroska files, in hours, minutes and seconds."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture, and how a player shows it.

    Attributes:
        picture: As decoded.
        start_ns: When it is shown, on the clip's own clock.
        end_ns: Expected end; the next picture may come earlier or later.
        pixel_aspect: A pixel's width over its height.
        turn: How to turn it afterwards.
    """

    picture: av.VideoFrame
    start_ns: int
    end_ns: int
    pixel_aspect: Fraction = Fraction(1)
    turn: Turn = UPRIGHT

    @property
    def is_plain(self) -> bool:
        """Whether the picture is shown exactly as it was decoded."""
        return self.pixel_aspect == 1 and self.turn == UPRIGHT


class Reel(Protocol):
    """The pictures of a clip, once from first to last.

    Attributes:
        start_ns: Start of the clip on its own clock: its first picture or sound.
        rate_hz: Pictures per second, on average.
        count: Number of pictures, None if the file does not state it.
        first: The first picture, which `read` also returns.
    """

    start_ns: int
    rate_hz: Fraction
    count: int | None
    first: Shot

    @property
    def end_ns(self) -> int:
        """End of the last picture that was read; at the end of the clip, its exact end."""

    def read(self) -> Shot | None:
        """The next picture, None at the end.

        Raises:
            MediaError: The clip breaks off.
        """

    def close(self) -> None:
        """Release the file. May be called twice."""


class StreamReel:
    """The video of a media file. See `Reel`.

    For the times of joined and damaged clips see `Times`.

    Raises:
        MediaError: The file is missing or has no video.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._container = open_media(path)
        except av.FFmpegError as error:
            raise unreadable(path, error) from error
        try:
            self._open()
            self.first = self._first_shot()
            if not self._container.streams.audio:
                self.start_ns = self.first.start_ns
        except MediaError:
            self._container.close()
            raise

    def _open(self) -> None:
        stream = film_of(self._container)
        if stream is None:
            raise unreadable(self._path, None)
        decoder = decoder_of(stream)
        if decoder is None:
            raise MediaError(
                f"{self._path} cannot be decoded",
                "FFmpeg does not know its codec",
                "Convert it to H.264 in an mp4 file",
            )
        self._stream, self._decoder = stream, decoder
        self._first_aspect = decoder.sample_aspect_ratio
        self.rate_hz = _rate_of(stream)
        self._period_ns = round(1e9 / self.rate_hz)
        self._claimed_end_ns = _claimed_end_ns(self._container, stream)
        self.start_ns = _start_ns(self._container)
        length_ns = max(0, (self._claimed_end_ns or 0) - self.start_ns)
        self.count = stream.frames or round(length_ns * self.rate_hz / 10**9) or None
        self._rotation: int | None = None
        self._turn = UPRIGHT
        self._end_ns = self.start_ns
        duration = self._container.duration
        limit_ns = None if duration is None else self.start_ns + duration * 10**9 // av.time_base
        self._times = Times(self.start_ns, self._period_ns, limit_ns)
        self._packets = self._damaged = self._read_count = 0
        self._pictures = self._deinterlaced()

    @property
    def end_ns(self) -> int:
        """See `Reel.end_ns`."""
        return self._end_ns

    def read(self) -> Shot | None:
        """See `Reel.read`."""
        try:
            shot = next(self._pictures, None)
        except (av.FFmpegError, OSError) as error:
            raise self._cut_short(getattr(error, "strerror", None) or str(error)) from error
        if shot is None:
            self._check_end()
        else:
            self._read_count += 1
            self._end_ns = shot.end_ns
        return shot

    def close(self) -> None:
        """See `Reel.close`."""
        self._pictures = iter(())
        self._container.close()

    def _first_shot(self) -> Shot:
        try:
            first = next(self._pictures, None)
        except (av.FFmpegError, OSError) as error:
            raise unreadable(self._path, error) from error
        if first is None:
            raise unreadable(self._path, None)
        self._pictures = chain([first], self._pictures)
        return first

    def _deinterlaced(self) -> Iterator[Shot]:
        deinterlacer = Deinterlacer()
        waiting: list[Shot] = []
        for shot in self._decoded():
            waiting.append(shot)
            for picture in deinterlacer.put(shot.picture):
                yield replace(waiting.pop(0), picture=picture)
        for picture in deinterlacer.end():
            yield replace(waiting.pop(0), picture=picture)

    def _decoded(self) -> Iterator[Shot]:
        for packet in self._container.demux(self._stream):
            self._packets += packet.size > 0
            try:
                pictures = self._decoder.decode(packet)
            except av.error.InvalidDataError:
                self._damaged += 1
                continue
            yield from map(self._shot, pictures)

    def _shot(self, picture: av.VideoFrame) -> Shot:
        base = picture.time_base or self._stream.time_base or Fraction(0)
        start_ns, end_ns = self._times.of(picture, base)
        return Shot(picture, start_ns, end_ns, self._pixel_aspect(), self._turn_of(picture))

    def _turn_of(self, picture: av.VideoFrame) -> Turn:
        """Read a picture's side data, which is slow, only if the turn may differ."""
        if picture.rotation != self._rotation:
            self._rotation, self._turn = picture.rotation, turn_of(picture)
        return self._turn

    def _pixel_aspect(self) -> Fraction:
        """The container's value, unless the video itself changes it midway."""
        now = self._decoder.sample_aspect_ratio
        aspect = self._stream.sample_aspect_ratio if now == self._first_aspect else now
        if not aspect or not 1 / _STRANGEST_PIXEL <= aspect <= _STRANGEST_PIXEL:
            return Fraction(1)
        return aspect

    def _check_end(self) -> None:
        """Show the last picture as long as the file states, if the file is complete."""
        if self._damaged:
            log.warning("%s: %d damaged pictures were skipped", self._path, self._damaged)
            self._damaged = 0
        if self._times.shift_ns:  # what a joined file states is true of one part at most
            return
        claimed_ns = self._claimed_end_ns or 0
        if (reason := self._why_cut(claimed_ns)) is not None:
            raise self._cut_short(reason)
        self._end_ns = max(self._end_ns, claimed_ns)

    def _why_cut(self, claimed_ns: int) -> str | None:
        """Why the file counts as cut off; None if it is complete, or only slightly short."""
        missing_ns = claimed_ns - self._end_ns
        too_short = f"Its header says {(claimed_ns - self.start_ns) / 1e9:.1f} s"
        if "matroska" in self._container.format.name:
            is_short = missing_ns > self._period_ns and not is_whole(self._path)
            return too_short if is_short else None
        if self._packets >= self._stream.frames > 0:
            return None
        if missing_ns > SHORTFALL_NS:
            return too_short
        return "The file is shorter than its header says" if is_cut(self._path) else None

    def _cut_short(self, reason: str) -> MediaError:
        return MediaError(
            f"{self._path} ends after {self._read_count} frames",
            reason,
            "The readable part was used; get a complete copy of the clip",
        )


def unreadable(path: Path, error: Exception | None) -> MediaError:
    """The error for a file that is not a video."""
    reason = getattr(error, "strerror", None) or str(error or "It contains no video")
    if isinstance(error, av.error.ArgumentError):  # the only error of decoders for a giant picture
        millions = MOST_CLIP_PIXELS // 10**6
        reason = f"It is damaged, or its pictures have more than {millions} million pixels"
    return MediaError(
        f"{path} cannot be read as a video",
        reason,
        "Check in a video player whether it is complete; SegCam reads mp4, mkv, webm, mov and gif",
    )


def _rate_of(stream: av.VideoStream) -> Fraction:
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate and 0 < rate <= 1000:
            return rate
    return DEFAULT_RATE_HZ


def _start_ns(container: av.container.InputContainer) -> int:
    start = cast("int | None", container.start_time)  # its stub omits None
    return round((start or 0) * 10**9 / av.time_base)


def _claimed_end_ns(container: av.container.InputContainer, stream: av.VideoStream) -> int | None:
    """The end of the last picture, if the file states it."""
    if stream.duration and stream.time_base:
        return round(((stream.start_time or 0) + stream.duration) * stream.time_base * 10**9)
    if claimed := _CLAIMED.fullmatch(stream.metadata.get("DURATION", "")):  # in Matroska files
        return round(1e9 * (int(claimed[1]) * 3600 + int(claimed[2]) * 60 + float(claimed[3])))
    if container.duration and not container.streams.audio:  # sound may be longer than the video
        return round(((container.start_time or 0) + container.duration) * 10**9 / av.time_base)
    return None
