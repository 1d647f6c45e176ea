"""Frames from picture files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from segcam.color import bgr_to_frame
from segcam.errors import MediaError
from segcam.fit import cover
from segcam.frame import U8, Frame, Size, even
from segcam.settings import PICTURE_SUFFIXES
from segcam.source.base import SourceInfo
from segcam.source.pacer import period_ns

SUFFIXES = PICTURE_SUFFIXES
RATE_HZ = Fraction(30)


def picture_files(path: Path) -> list[Path]:
    """The pictures that ``path`` names: itself, or all in that folder in the order of their names.

    Raises:
        MediaError: There is none.
    """
    files = [path] if path.is_file() else []
    if path.is_dir():
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES)
    if not files:
        raise MediaError(
            f"There are no pictures at {path}",
            "" if path.exists() else "There is no such file or folder",
            f"SegCam reads {', '.join(sorted(SUFFIXES))}",
        )
    return files


def read_picture(path: Path) -> U8:
    """A picture, upright as its EXIF orientation says.

    Returns:
        BGR uint8 (H, W, 3).

    Raises:
        MediaError: It is missing or no picture.
    """
    try:
        data = np.fromfile(path, np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error) as error:
        raise _unreadable(path, str(error)) from error
    if picture is None:
        raise _unreadable(path, "It is empty, broken or something else than its name says")
    return np.asarray(picture, np.uint8)


class Pictures:
    """Picture files in order, every one once, each at its own size.

    Args:
        files: The pictures.
        still: Each stands for itself: every frame is a cut. Otherwise they are a video.
        size: (H, W) that all are scaled to, what does not fit cut off; None for their own.
        rate_hz: Frames per second.
    """

    def __init__(
        self,
        files: Sequence[Path],
        still: bool,
        size: Size | None = None,
        rate_hz: Fraction = RATE_HZ,
    ) -> None:
        self._files = files
        self._rate_hz = rate_hz
        self._still = still
        self._size = size
        self._next = 0
        self._previous_size: Size | None = None
        self._interrupted = False
        self._sizes: dict[int, Size] = {}

    def open(self) -> SourceInfo:
        """See `Source.open`. The size is the first picture's."""
        height, width = read_picture(self._files[0]).shape[:2]
        size = self._size or even((height, width))
        return SourceInfo(
            self.folder.name,
            size,
            self._rate_hz,
            live=False,
            frames=len(self._files),
            size_varies=self._size is None,
        )

    def read(self, out: Frame) -> bool:
        """See `Source.read`. ``out.id`` is the place in ``files``."""
        if self._next >= len(self._files) or self._interrupted:
            return False
        picture = read_picture(self._files[self._next])
        self._sizes[self._next] = self._size or (picture.shape[0], picture.shape[1])
        if self._size is None:
            bgr_to_frame(picture, out)
        else:
            out.resize(self._size)
            cover(bgr_to_frame(picture), out)
        cut = self._still or out.size != self._previous_size
        out.stamp(self._next, self._next * period_ns(self._rate_hz), cut)
        self._previous_size = out.size
        self._next += 1
        return True

    @property
    def folder(self) -> Path:
        """Where the first picture lies."""
        return self._files[0].parent

    @property
    def namesakes(self) -> list[str]:
        """Names of pictures that differ in their ending alone, of one such group."""
        groups: dict[str, list[str]] = {}
        for file in self._files:
            groups.setdefault(file.stem, []).append(file.name)
        return next((names for names in groups.values() if len(names) > 1), [])

    def name_of(self, frame_id: int) -> str:
        """The stem of the file that frame ``frame_id`` came from."""
        return self._files[frame_id].stem

    def size_of(self, frame_id: int) -> Size:
        """(H, W) of frame ``frame_id`` before it was made even; it must have been read."""
        return self._sizes[frame_id]

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._interrupted = True

    def close(self) -> None:
        """See `Source.close`."""


def _unreadable(path: Path, reason: str) -> MediaError:
    if not path.exists():
        return MediaError(f"There is no picture at {path}", "", "Check the path")
    return MediaError(
        f"{path} cannot be read as a picture", reason, "Open it in an image viewer and save it anew"
    )
