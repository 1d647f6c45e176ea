"""Makes small pictures of a video, stacked in one file, which a window plays on a tile."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam.backgrounds.library import Entry
from segcam.errors import MediaError
from segcam.frame import U8, Frame, Size
from segcam.home import user_cache_folder
from segcam.source.clip import Clip
from segcam.storage import replace_file

SIZE: Size = (144, 256)
"""Twice a tile's size: sharp on high-resolution screens."""
RATE_HZ, LENGTH_S = Fraction(8), 3.0
"""Enough to see the movement, in about 150 KB."""
QUALITY = 80
_making = threading.Lock()
"""One at a time: decoding takes a processor, and a call needs the others."""


def filmstrip(entry: Entry, library: Sequence[Entry]) -> dict[str, Any]:
    """The strip of a video, made if it does not exist. Takes as long as decoding takes.

    Args:
        entry: The video.
        library: The whole library; strips of other videos are deleted.

    Returns:
        "path" of a JPEG picture, the "height" of each picture in it, and "rate_hz".

    Raises:
        MediaError: The video cannot be read.
        OSError: The strip cannot be written.
    """
    folder = user_cache_folder() / "filmstrips"
    target = folder / _name(entry)
    with _making:
        if not target.is_file():
            _forget_others(folder, library)
            replace_file(target, _encoded(list(_pictures(Path(entry.path)))))
    return {"path": str(target), "height": SIZE[0], "rate_hz": float(RATE_HZ)}


def _name(entry: Entry) -> str:
    """Differs for each version of the file."""
    found = Path(entry.path).stat()
    version = f"{entry.path}\0{found.st_mtime_ns}\0{found.st_size}"
    return hashlib.sha256(version.encode(errors="surrogateescape")).hexdigest()[:32] + ".jpg"


def _pictures(video: Path) -> Iterator[U8]:
    """uint8 (h, w, 3) pictures in BGR, the first `LENGTH_S` of the video."""
    clip = Clip(video, size=SIZE, rate_hz=RATE_HZ, duration_s=LENGTH_S)
    try:
        clip.open()
        frame = Frame.empty(SIZE)
        while clip.read(frame):
            yield np.asarray(cv2.cvtColor(frame.data, cv2.COLOR_YUV2BGR_I420), np.uint8)
    finally:
        clip.close()


def _encoded(pictures: Sequence[U8]) -> bytes:
    if not pictures:
        raise MediaError("The video contains no picture")
    done, jpeg = cv2.imencode(".jpg", np.concatenate(pictures), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise MediaError("The video's preview cannot be written")
    return jpeg.tobytes()


def _forget_others(folder: Path, library: Sequence[Entry]) -> None:
    """Delete the strips of videos that are no longer there."""
    known = {_name(entry) for entry in library if entry.kind == "video"}
    for strip in folder.glob("*.jpg"):
        if strip.name not in known:
            strip.unlink(missing_ok=True)
