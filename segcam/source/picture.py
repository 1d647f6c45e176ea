"""Reads a picture from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam import MOST_PICTURE_PIXELS
from segcam.color import bgr_to_frame
from segcam.errors import MediaError
from segcam.frame import U8, Frame, Size
from segcam.media_file import read_file
from segcam.source.heads import head_of, is_avif, is_jpeg, jpeg_size, refuse_heic, white_of
from segcam.source.scans import without_last_bits
from segcam.source.turn import UPRIGHT, Turn

# OpenCV itself prints errors about damaged pictures to stderr, with its source positions.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
}
_TURNS = {
    2: Turn(mirrors_columns=True),
    3: Turn(mirrors_rows=True, mirrors_columns=True),
    4: Turn(mirrors_rows=True),
    5: Turn(swaps_sides=True),
    6: Turn(swaps_sides=True, mirrors_columns=True),
    7: Turn(swaps_sides=True, mirrors_rows=True, mirrors_columns=True),
    8: Turn(swaps_sides=True, mirrors_rows=True),
}
"""Source: Exif 2.32, section 4.6.4, tag 0x0112."""


def read_frame(path: Path, least: Size) -> Frame:
    """A picture as `read_picture` reads it, as planes, which may be made in less time.

    Args:
        path: The file.
        least: (H, W), as there.

    Returns:
        A frame of even (H, W), at least as large as ``least`` if the picture is.

    Raises:
        MediaError: It is missing, not a picture or too large.
    """
    frame = None
    if is_avif(head_of(path)):
        from segcam.source.avif import decode_avif  # imports FFmpeg, which takes longer than a JPEG

        frame = decode_avif(path)
    return bgr_to_frame(read_picture(path, least)) if frame is None else frame


def read_picture(path: Path, least: Size | None = None) -> U8:
    """A picture, turned by its EXIF orientation, with transparent parts in black.

    Args:
        path: The file.
        least: (H, W): the picture may be decoded at half, a quarter or an eighth of its size, if
            that is quicker and no side gets smaller than this. None: at its own size.

    Returns:
        BGR uint8 (H, W, 3).

    Raises:
        MediaError: It is missing, not a picture or too large.
    """
    data = read_file(path)
    refuse_heic(path, data)
    try:
        picture = _decoded_jpeg(path, data, least) if is_jpeg(data) else _decoded(data)
    except cv2.error as error:
        if "MAX_IMAGE_PIXELS" in str(error):
            raise _too_large(path) from error
        raise _unreadable(path, error.err or str(error)) from error
    if picture is None:
        raise _unreadable(path, "It is empty, damaged, or not what its name says")
    return picture


def _decoded_jpeg(path: Path, data: bytes, least: Size | None) -> U8 | None:
    size = jpeg_size(data) or (0, 0)
    if size[0] * size[1] > MOST_PICTURE_PIXELS:  # a progressive one needs memory for all pixels
        raise _too_large(path, size)
    mode = cv2.IMREAD_COLOR
    spare = min(size) / max(least) if least is not None else 0  # for either orientation
    part = next((part for part in _REDUCED if part <= spare), 1)
    if part > 1:
        mode, data = _REDUCED[part], without_last_bits(data)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    return None if picture is None else np.asarray(picture, np.uint8)


def _decoded(data: bytes) -> U8 | None:
    if not data:
        return None
    buffer = np.frombuffer(data, np.uint8)
    found = cv2.imdecodeWithMetadata(buffer, flags=cv2.IMREAD_UNCHANGED)
    picture, kinds, metadata = cast(tuple[NDArray[Any] | None, Any, Any], found)
    if picture is None or picture.dtype not in (np.uint8, np.uint16):
        # For example floating point: as OpenCV converts it.
        picture = cast(NDArray[Any] | None, cv2.imdecode(buffer, cv2.IMREAD_COLOR))
    if picture is None:
        return None
    exif = next(
        (
            block
            for kind, block in zip(kinds, metadata, strict=True)
            if kind == cv2.IMAGE_METADATA_EXIF
        ),
        None,
    )
    turn = UPRIGHT if exif is None else _turn_in(bytes(np.asarray(exif, np.uint8)))
    return np.ascontiguousarray(turn.view(_as_bgr(picture, white_of(data))))


def _as_bgr(picture: NDArray[Any], white: int | None) -> U8:
    most = int(np.iinfo(picture.dtype).max)
    if most > 255 or (white or most) < most:
        picture = cv2.convertScaleAbs(picture, alpha=255 / (white or most))
    if picture.ndim == 2 or picture.shape[2] == 1:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.shape[2] == 4:
        alpha = cv2.cvtColor(picture[..., 3], cv2.COLOR_GRAY2BGR)
        color = np.ascontiguousarray(picture[..., :3])
        return np.asarray(cv2.multiply(color, alpha, scale=1 / 255), np.uint8)
    return np.asarray(picture, np.uint8)


def _turn_in(exif: bytes) -> Turn:
    """The orientation in EXIF data. Source: TIFF 6.0, section 2."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = "little" if exif[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], order)  # type: ignore[arg-type]

    start = number(4, 4)
    for entry in range(start + 2, start + 2 + 12 * number(start, 2), 12):
        if number(entry, 2) == 0x0112:
            return _TURNS.get(number(entry + 8, 2), UPRIGHT)
    return UPRIGHT


def _too_large(path: Path, size: Size | None = None) -> MediaError:
    said = f"It has {size[1]}x{size[0]} pixels. " if size else ""
    return MediaError(
        f"{path} is too large",
        f"{said}SegCam reads up to {MOST_PICTURE_PIXELS // 10**6} million pixels",
        "Save a smaller copy of it",
    )


def _unreadable(path: Path, reason: str) -> MediaError:
    return MediaError(
        f"{path} cannot be read as a picture",
        reason,
        "Open it in an image viewer and save it again",
    )
