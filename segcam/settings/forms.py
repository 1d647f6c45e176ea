"""Syntax and checks of single settings."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from segcam.errors import UsageError
from segcam.settings.paths import rooted_path
from segcam.settings.words import did_you_mean, shown
from segcam.size import Size

if TYPE_CHECKING:
    from fractions import Fraction

MAX_SIDE_PX = 7680
PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".bmp", ".dib", ".tif", ".tiff"}
    | {".jp2", ".ppm", ".pgm", ".pbm", ".pnm"}
)
"""Extensions of pictures that can be rendered, used in folders and as backgrounds."""
CLIP_SUFFIXES = frozenset({".mp4", ".mkv", ".mov", ".webm", ".avi", ".gif", ".m4v", ".mpg"})
"""Extensions that mark the name of a missing file as a clip, not a camera."""
OUTPUT_WORDS = ("auto", "pipewire", "pyvirtualcam", "null")


def parse_size(text: str) -> Size | None:
    """Read a ``--size`` value.

    Returns:
        (H, W), even; None for "auto".

    Raises:
        UsageError: It is not a size, odd, or outside 2..7680.
    """
    if text == "auto":
        return None
    match = re.fullmatch(r"([0-9]{1,5})[xX×]([0-9]{1,5})", text.strip())
    size = (int(match[2]), int(match[1])) if match else (0, 0)
    if not all(2 <= side <= MAX_SIDE_PX and side % 2 == 0 for side in size):
        raise UsageError(
            f"{shown(text)} is not a size that SegCam supports",
            f"Width and height must be even and from 2 to {MAX_SIDE_PX}",
            "Write width x height, for example 1280x720, or auto",
        )
    return size


def check_size(text: str) -> str:
    """The size in normalised spelling.

    Raises:
        UsageError: See `parse_size`.
    """
    size = parse_size(text)
    return f"{size[1]}x{size[0]}" if size else "auto"


def parse_rate(fps: float | str) -> Fraction | None:
    """Frames per second of a checked ``fps``; None for "auto". 29.97003 is 30000/1001."""
    from fractions import Fraction  # the import costs a client milliseconds

    return None if isinstance(fps, str) else Fraction(fps).limit_denominator(1001)


def check_output(text: str) -> str:
    """Check an ``--output`` value: one or several with commas between them.

    Raises:
        UsageError: One of them is not an output.
    """
    for part in text.split(","):
        is_path = part.startswith("/") or (part.startswith("file:") and part != "file:")
        if part not in OUTPUT_WORDS and not is_path:
            raise not_an_output(part)
    return text


def not_an_output(text: str) -> UsageError:
    """The error for an invalid output."""
    return UsageError(
        f"{shown(text)} is not an output",
        did_you_mean(text, [*OUTPUT_WORDS, "file:PATH"]),
        "Use auto, a device like /dev/video10, pipewire, file:PATH, pyvirtualcam or null; separate "
        "several with commas",
    )


def root_output(text: str, folder: Path) -> str:
    """The same outputs; relative paths of files start at ``folder``."""
    return ",".join(
        f"file:{rooted_path(part.removeprefix('file:'), folder)}"
        if part.startswith("file:")
        else part
        for part in text.split(",")
    )


def root_camera(text: str, folder: Path) -> str:
    """The same camera; a clip's relative path starts at ``folder``."""
    is_path = (
        text.startswith("~")
        or Path(text).suffix.lower() in CLIP_SUFFIXES
        or os.path.isfile(folder / text)  # noqa: PTH113 (pathlib's fails where a name is too long)
    )
    return rooted_path(text, folder) if is_path else text


def root_model(text: str, folder: Path) -> str:
    """The same model; a file's relative path starts at ``folder``. A name has no dot or slash."""
    is_path = text.startswith("~") or "/" in text or os.sep in text or Path(text).suffix
    return rooted_path(text, folder) if is_path else text
