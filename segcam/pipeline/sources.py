"""Builds sources. Each is imported only if it is chosen: FFmpeg alone takes 0.15 s."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from segcam import settings
from segcam.errors import SegCamError
from segcam.frame import Size
from segcam.source.base import Source, SourceInfo

if TYPE_CHECKING:
    from segcam.source.clip import Clip
    from segcam.source.pictures import Pictures

DEFAULT_SIZE: Size = (720, 1280)
DEFAULT_RATE_HZ = Fraction(30)
LOOK_S, CLIP_LOOK_S = 0.5, 5.0
"""Longest wait before viewers see the camera. A clip gets longer, because importing FFmpeg takes
seconds from a cold disk; its size matters more, and files hang less often than devices."""


def make_live_source(spec: str, size: Size | None, rate_hz: Fraction | None) -> Source:
    """The source that ``--camera`` names.

    Args:
        spec: A webcam's index, path or part of its name, a clip's path, "demo", "pattern", "auto"
            (a webcam, else the demo), or "first" (the first webcam).
        size: (H, W); None: 1280x720 for cameras, a clip's own.
        rate_hz: Frames per second; None: 30 for cameras, a clip's own.

    Raises:
        CameraNotFound: Nothing matches ``spec``.
        UsageError: More than one camera matches.
    """
    wanted = size or DEFAULT_SIZE, rate_hz or DEFAULT_RATE_HZ
    if spec == "demo" or (spec == "auto" and not _has_webcam()):
        from segcam.source.demo import Demo

        return Demo(*wanted)
    if spec == "pattern":
        from segcam.source.pattern import Pattern

        return Pattern(*wanted)
    webcam = None if spec in ("auto", "first") else spec
    if webcam is not None and _is_clip(webcam):
        from segcam.source.clip import Clip

        return Clip(Path(webcam).expanduser(), live=True, size=size, rate_hz=rate_hz)
    from segcam.source.camera import Camera, find

    find(webcam)
    return Camera(webcam, *wanted)


def expected_info(spec: str, size: Size | None, rate_hz: Fraction | None) -> SourceInfo:
    """What a source will deliver, as far as that is known quickly and without starting it.

    Reads a webcam's modes or a clip's header. If the source is missing or does not answer in time,
    it assumes the requested values.

    Arguments as for `make_live_source`.
    """
    wanted = size or DEFAULT_SIZE, rate_hz or DEFAULT_RATE_HZ
    found = [SourceInfo("webcam" if spec == "first" else spec, *wanted, live=True)]

    def look() -> None:
        with suppress(SegCamError):  # opening it reports the error
            found.append(_look(spec, size, rate_hz))

    looking = threading.Thread(target=look, name="segcam-look", daemon=True)
    looking.start()
    named_so = Path(spec).suffix.lower() in settings.CLIP_SUFFIXES
    looking.join(CLIP_LOOK_S if named_so else LOOK_S)
    return found[-1]


def _look(spec: str, size: Size | None, rate_hz: Fraction | None) -> SourceInfo:
    """See `expected_info`. May hang, as devices and network drives do."""
    wanted = size or DEFAULT_SIZE, rate_hz or DEFAULT_RATE_HZ
    if spec in ("demo", "pattern"):
        return SourceInfo(spec, *wanted, live=True)
    webcam = None if spec in ("auto", "first") else spec
    if webcam is not None and _is_clip(webcam):
        clip = make_live_source(webcam, size, rate_hz)
        try:
            return clip.open()
        finally:
            clip.close()
    if sys.platform != "linux":  # OpenCV does not list modes
        return SourceInfo(spec, *wanted, live=True)
    from segcam.source.cameras_v4l2 import look

    return look(webcam, *wanted)


def make_file_source(
    path: Path,
    still: bool,
    size: Size | None = None,
    rate_hz: Fraction | None = None,
    duration_s: float | None = None,
) -> Pictures | Clip:
    """The source for a clip, a picture or a folder of pictures, every frame once.

    Args:
        path: What to read.
        still: Each picture is independent.
        size: (H, W) to scale to, None for their own.
        rate_hz: Frames per second, None for the clip's own and 30 for pictures.
        duration_s: Stop after that much, None for all.

    Raises:
        MediaError: There is no such file at ``path``.
    """
    from segcam.source.clip import Clip
    from segcam.source.pictures import Pictures, is_picture, picture_files

    if not is_picture(path):
        return Clip(path, size=size, rate_hz=rate_hz, duration_s=duration_s)
    files = picture_files(path)
    rate_hz = rate_hz or DEFAULT_RATE_HZ
    if duration_s is not None:
        files = files[: max(1, round(duration_s * rate_hz))]
    return Pictures(files, still, size, rate_hz)


def _has_webcam() -> bool:
    from segcam.source.camera import list_cameras

    return bool(list_cameras())


def _is_clip(spec: str) -> bool:
    path = Path(spec).expanduser()
    named_so = path.suffix.lower() in settings.CLIP_SUFFIXES
    # For a pipe or a folder, which are not cameras either, a clip's error says what it is.
    exists = path.is_file() or ("/" in spec and path.exists())
    return (exists or named_so) and not path.is_char_device()
