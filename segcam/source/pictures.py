"""Frames from picture files."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2

from segcam.color import bgr_to_frame
from segcam.errors import MediaError
from segcam.fit import cover
from segcam.frame import U8, Frame, Size, even
from segcam.media import open_media
from segcam.media_file import open_file
from segcam.regular import readable
from segcam.settings import PICTURE_SUFFIXES
from segcam.source.base import SourceInfo
from segcam.source.heads import head_of, is_heic, moves
from segcam.source.pacer import period_ns
from segcam.source.picture import read_picture

log = logging.getLogger(__name__)

SUFFIXES = PICTURE_SUFFIXES | {".gif"}
UNREAD_SUFFIXES = frozenset(
    {".heic", ".heif", ".hif", ".jxl", ".svg", ".psd", ".xcf", ".exr", ".hdr"}
)
UNREAD_SUFFIXES |= {".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".rw2", ".orf", ".tga", ".ico"}
"""Formats of pictures that SegCam cannot read."""
FILM_SUFFIXES = frozenset({".mjpeg", ".mjpg"})
"""Video formats that are a sequence of pictures."""
RATE_HZ = Fraction(30)


def is_picture(path: Path) -> bool:
    """Whether ``path`` is still pictures: a folder, or a picture by its content.

    Raises:
        MediaError: It is neither file nor folder, or a picture that SegCam cannot read.
    """
    if path.is_dir():
        return True
    if not path.exists():
        return path.suffix.lower() in PICTURE_SUFFIXES
    head = head_of(path)
    if head.startswith(b"GIF8"):
        return _is_single(path)
    if moves(head) or path.suffix.lower() in FILM_SUFFIXES:
        return False
    if is_heic(head) or path.suffix.lower() in SUFFIXES or _opencv_reads(path):
        return True
    if path.suffix.lower() in UNREAD_SUFFIXES:
        raise MediaError(
            f"{path} is not a picture that SegCam can read",
            f"SegCam cannot read {path.suffix} files",
            "Save it as JPEG or PNG",
        )
    return False


def _opencv_reads(path: Path) -> bool:
    """Whether it has the content of a picture that OpenCV reads."""
    with suppress(OSError), readable(path) as name:
        return cv2.haveImageReader(name)
    return False


def picture_files(path: Path) -> list[Path]:
    """The picture files of ``path``: itself, or all in that folder in the order of their names.

    Of an animation, the first picture is used. The log lists pictures that SegCam cannot read.

    Raises:
        MediaError: There is none, or ``path`` is neither file nor folder.
    """
    if not path.is_dir():
        os.close(open_file(path))
        return [path]
    names = sorted(f for f in path.iterdir() if not f.name.startswith("._"))  # made by macOS
    files = [file for file in names if file.is_file() and _is_read(file)]
    left_out = [file.name for file in names if file.suffix.lower() in UNREAD_SUFFIXES]
    if left_out:
        log.warning("Skipped, since SegCam cannot read such pictures: %s", ", ".join(left_out))
    if not files:
        raise MediaError(
            f"There are no pictures in {path}",
            "",
            f"SegCam reads {', '.join(sorted(SUFFIXES))}",
        )
    return files


def _is_read(file: Path) -> bool:
    suffix = file.suffix.lower()
    return suffix in SUFFIXES or (suffix not in UNREAD_SUFFIXES and _opencv_reads(file))


def _is_single(gif: Path) -> bool:
    try:
        with open_media(gif) as container:
            packets = (p for p in container.demux(video=0) if p.size)
            return next(packets, None) is not None and next(packets, None) is None
    except (av.FFmpegError, IndexError):
        return False


class Pictures:
    """Picture files in order, every one once, each at its own size.

    Args:
        files: The pictures.
        still: The pictures are independent: every frame is a cut. Otherwise they are a video.
        size: (H, W) that each picture fills, cropping the rest; None for their own.
        rate_hz: Frames per second.
    """

    def __init__(
        self,
        files: Sequence[Path],
        still: bool,
        size: Size | None = None,
        rate_hz: Fraction = RATE_HZ,
    ) -> None:
        self.files = files
        self._rate_hz = rate_hz
        self._still = still
        self._size = size
        self._next = 0
        self._first: U8 | None = None
        self._previous_size: Size | None = None
        self._interrupted = False
        self._sizes: dict[int, Size] = {}

    def open(self) -> SourceInfo:
        """See `Source.open`. The size is the first picture's."""
        self._first = read_picture(self.files[0], self._size)
        size = self._size or even((self._first.shape[0], self._first.shape[1]))
        return SourceInfo(
            self.folder.name,
            size,
            self._rate_hz,
            live=False,
            frames=len(self.files),
            size_varies=self._size is None,
        )

    def read(self, out: Frame) -> bool:
        """See `Source.read`. ``out.id`` is the index in ``files``."""
        if self._next >= len(self.files) or self._interrupted:
            return False
        picture, self._first = self._first, None
        if picture is None:
            picture = read_picture(self.files[self._next], self._size)
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
        """The folder of the first picture."""
        return self.files[0].parent

    @property
    def namesakes(self) -> list[str]:
        """Names of pictures that differ only in their extension, for one such group."""
        groups: dict[str, list[str]] = {}
        for file in self.files:
            groups.setdefault(file.stem, []).append(file.name)
        return next((names for names in groups.values() if len(names) > 1), [])

    def name_of(self, frame_id: int) -> str:
        """The file name's stem for frame ``frame_id``."""
        return self.files[frame_id].stem

    def size_of(self, frame_id: int) -> Size:
        """(H, W) of frame ``frame_id`` before rounding to even numbers; it must have been read."""
        return self._sizes[frame_id]

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._interrupted = True

    def close(self) -> None:
        """See `Source.close`."""
