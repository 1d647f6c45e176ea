"""Renders composites of a clip or of pictures to a video file."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from segcam.frame import Size
from segcam.sink.file import FileSink, deleted
from segcam.sink.writing import Writing


class Rendering(FileSink):
    """A video file that gets its name only once it is known to be complete.

    Frames keep their timestamps, so a clip keeps its own rate. After `close`, call one of
    `publish`, `keep` and `abandon`.

    Args:
        path: Its extension selects the format: one of `formats.FORMATS`.
        clip: Its sound, subtitles, chapters and tags are kept, if the format supports them.
        until_s: End of the copied part, None for all.
        ends_ns: Gives the end of the last frame on the frames' clock, once all have come; None if
            unknown.

    Raises:
        OutputUnwritable: It has another extension.
    """

    def __init__(
        self,
        path: Path,
        clip: Path | None = None,
        until_s: float | None = None,
        ends_ns: Callable[[], int | None] = lambda: None,
    ) -> None:
        super().__init__(path)
        self._clip = clip
        self._until_s = until_s
        self._ends_ns = ends_ns
        self._made: Writing | None = None

    def publish(self) -> None:
        """Give the file its name, replacing an older one.

        Raises:
            OutputUnwritable: That failed; the file is kept under a similar name.
        """
        made, self._made = self._made, None
        if made is None:
            return
        with self._told(made):
            if made.place.lost:
                raise deleted(self.name, made.place.restore())
            made.place.publish()
        made.place.close()

    def keep(self) -> Path | None:
        """Keep an incomplete file, without replacing another one.

        Returns:
            Its path; None: there is nothing to keep.

        Raises:
            OutputUnwritable: That cannot be done.
        """
        made, self._made = self._made, None
        if made is None:
            return None
        with self._told():
            if made.place.lost:
                made.place.restore()
                return self._path
            kept = made.place.publish_apart()
        made.place.close()
        return kept

    def abandon(self) -> None:
        """Delete the file, also while it is being finished. From any thread."""
        super().abandon()
        made, self._made = self._made, None
        if made is not None:
            made.place.discard()
            made.place.close()

    def _start(self, path: Path, size: Size, rate_hz: Fraction) -> Writing:
        return Writing(path, size, rate_hz, live=False, clip=self._clip, until_s=self._until_s)

    def _show(self, writing: Writing) -> None:
        """Does nothing: the file gets its name at the end."""

    def _end_ns(self) -> int | None:
        return self._ends_ns()

    def _settle(self, writing: Writing) -> None:
        if self._abandoned or not writing.playable:
            writing.place.discard()
            writing.place.close()
        else:
            self._made = writing
