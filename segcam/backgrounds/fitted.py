"""Caches background pictures at the size at which they are shown.

Decoding a large picture may take seconds; reading the result takes milliseconds. The cache holds
planes at one size. Its files may be deleted: missing or damaged ones are made again.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from segcam.errors import UsageError
from segcam.home import user_cache_folder
from segcam.regular import read_regular
from segcam.size import Size
from segcam.storage import replace_file

FOLDER = "pictures"
MOST_BYTES = 128 << 20
"""Limit for all files: 90 pictures at 1280x720. The least recently shown ones are deleted first."""
_CHECK_BYTES = 4
_SUFFIX = ".i420"


def place_of(picture: Path, size: Size) -> Path:
    """The cache file for this picture, in the present version of its file, at this (H, W).

    Raises:
        OSError: There is no such picture, or no cache folder.
        UsageError: The user has no home.
    """
    found = picture.stat()
    now = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    name = f"{_name(picture)}-{_digest(repr(now))}-{size[1]}x{size[0]}{_SUFFIX}"
    return user_cache_folder() / FOLDER / name


def load(place: Path, count: int) -> bytes | None:
    """The ``count`` bytes of a cache file; None if it is missing or damaged."""
    try:
        data = read_regular(place, _CHECK_BYTES + count)
        os.utime(place)  # records when it was last shown
    except OSError:
        return None
    planes = data[_CHECK_BYTES:]
    return planes if len(planes) == count and data[:_CHECK_BYTES] == _check_sum(planes) else None


def keep(place: Path, planes: bytes) -> None:
    """Store planes, replace those of an older version of the picture, and free space.

    Raises:
        OSError: They cannot be written.
    """
    replace_file(place, _check_sum(planes) + planes)
    picture, now = place.name.split("-")[:2]
    for file in place.parent.glob(f"{picture}-*"):
        if file.name.split("-")[1] != now:
            file.unlink(missing_ok=True)
    _make_room(place.parent)


def forget(picture: Path) -> None:
    """Delete a picture's cache files of all sizes. Never fails, since it does no harm."""
    with suppress(OSError, UsageError):
        for file in (user_cache_folder() / FOLDER).glob(f"{_name(picture)}-*"):
            file.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    files = [(file.stat().st_mtime, file.stat().st_size, file) for file in folder.iterdir()]
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= MOST_BYTES:
            return
        file.unlink(missing_ok=True)
        total -= size


def _name(picture: Path) -> str:
    return _digest(os.path.abspath(picture))  # noqa: PTH100 (a link is another name)


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogateescape"), digest_size=12).hexdigest()


def _check_sum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_CHECK_BYTES, "little")
