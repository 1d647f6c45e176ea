"""Writes one video file: pictures, and a clip's sound and other tracks."""

from __future__ import annotations

import logging
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
from av import Packet, VideoStream

from segcam.errors import SegCamError
from segcam.frame import Frame, Size
from segcam.sink.formats import format_of
from segcam.sink.movie import Movie
from segcam.sink.place import Place
from segcam.sink.tracks import LEAD_IN_S, Tracks

log = logging.getLogger(__name__)

_FLUSH = {"fflags": "+flush_packets"}
"""Write complete packets at once: each may be the last."""
_MOST_REFUSED = 100
"""FFmpeg may reject this many packets because of a damaged track; more are a fault of the
pictures."""


class Writing:
    """A file from first byte to last, with a temporary name until it is published.

    Args:
        path: Its final path.
        size: (H, W) of the frames.
        rate_hz: Nominal frames per second.
        live: The frames come in real time.
        clip: A clip whose sound, subtitles, chapters and tags are copied.
        until_s: End of the copied part.

    Raises:
        OSError, av.FFmpegError: It cannot be written; nothing is left behind.

    Attributes:
        place: The file's place on the disk.
    """

    def __init__(
        self,
        path: Path,
        size: Size,
        rate_hz: Fraction,
        *,
        live: bool,
        clip: Path | None = None,
        until_s: float | None = None,
    ) -> None:
        form = self._form = format_of(path)
        self.place = Place(path)
        self._part = self.place.open()
        self._until_s = float("inf") if until_s is None else until_s
        self._zero_s: float | None = None
        self._header = self._written = self._refused = 0
        self._tracks: Tracks | None = None
        try:
            output = av.open(
                self._part, "w", format=form.muxer, container_options={**_FLUSH, **form.file}
            )
            self._output = output
            self._movie = Movie(output, form, size, rate_hz, live=live, write=self._write)
            if clip is not None and form.audio:
                self._tracks = self._open_tracks(clip)
            if self._tracks is None:
                self._start()
        except BaseException:
            self.drop()
            raise

    @property
    def playable(self) -> bool:
        """Whether the file so far can be played."""
        return self._written > self._header

    @property
    def empty(self) -> bool:
        """Whether it has no frame yet."""
        return self._zero_s is None

    def add(self, frame: Frame) -> None:
        """Show ``frame`` from its own time on.

        Raises:
            OSError, av.FFmpegError: It cannot be written; the earlier part is complete.
        """
        at_s = frame.captured_ns / 1e9
        if self._zero_s is None:
            self._zero_s = self._begin(at_s)
        seconds = at_s - self._zero_s
        if self._tracks is not None:
            self._tracks.copy_until(seconds)
        self._movie.add(frame, seconds)
        self._written = self._part.mark()

    def finish(self, end_ns: int | None = None) -> None:
        """Write the rest, and wait until everything is on the disk.

        Args:
            end_ns: End of the last picture on the frames' clock; None: after a frame period.

        Raises:
            OSError, av.FFmpegError: A part cannot be written; the file is cut back to
                its last complete state.
        """
        end_s = None if end_ns is None or self._zero_s is None else end_ns / 1e9 - self._zero_s
        try:
            if self._tracks is not None:
                self._tracks.finish()
            self._movie.finish(end_s)
            self._output.close()
            self._written = self._part.mark()
            self._part.sync()
        except (av.FFmpegError, OSError) as error:
            cause = self._part.error or error
            self.cut()
            raise cause from error
        self._release()

    def cut(self) -> None:
        """Cut the file back to its last complete state."""
        self._stop()
        self._part.roll_back()

    def drop(self) -> None:
        """Delete the file."""
        self._stop()
        self.place.discard()
        self.place.close()

    def _begin(self, first_s: float) -> float:
        """Write the header; returns the clip's time that becomes 0 in the output."""
        tracks = self._tracks
        if tracks is None:
            return first_s
        sound_s = tracks.start_s
        zero_s = first_s
        if sound_s is not None and sound_s < first_s - LEAD_IN_S:
            zero_s = sound_s
        tracks.begin(zero_s, self._until_s)
        self._start()
        return zero_s

    def _start(self) -> None:
        self._output.start_encoding()
        self._header = self._part.mark()

    def _open_tracks(self, clip: Path) -> Tracks | None:
        try:
            return Tracks(clip, self._output, self._part, self._form)
        except (SegCamError, av.FFmpegError) as error:
            log.warning("%s is written without sound: %s", clip, error)
            return None

    def _write(self, packet: Packet[VideoStream]) -> None:
        """Write a picture. Leaves out packets of other tracks that FFmpeg rejects."""
        try:
            self._output.mux(packet)
        except av.FFmpegError as error:
            if self._part.error is not None:
                raise self._part.error from error
            self._refused += 1
            if self._tracks is None or self._refused > _MOST_REFUSED:
                raise
            log.debug("a packet was rejected: %s", error)

    def _stop(self) -> None:
        """Stop writing."""
        self._part.seal()
        with suppress(av.FFmpegError, OSError):
            self._output.close()
        self._release()

    def _release(self) -> None:
        if self._tracks is not None:
            self._tracks.close()
