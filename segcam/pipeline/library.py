"""The library of backgrounds, with what checks a file and makes it ready to be shown."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from segcam import backgrounds
from segcam.backgrounds import Entry, fitted
from segcam.errors import SegCamError
from segcam.frame import Frame, Size
from segcam.pipeline.compositors import make_compositor
from segcam.pipeline.sources import DEFAULT_SIZE
from segcam.settings import Picture, parse_background


def add_background(file: Path, size: Size = DEFAULT_SIZE) -> Entry:
    """Copy a picture or a video into the library; a large picture will appear at once.

    Args:
        file: What to copy.
        size: (H, W) at which it will be shown, as far as that is known.

    Raises:
        SegCamError: It cannot be shown, or not be copied.
    """
    entry = backgrounds.add(file, lambda text: make_compositor(parse_background(text)).close())
    _prepare(entry, size)
    return entry


def remove_background(identifier: str) -> None:
    """Delete one of the user's own backgrounds, and what was kept of it.

    Raises:
        SegCamError: There is none of that id, it comes with SegCam, or it cannot be deleted.
    """
    path = backgrounds.remove(identifier)
    fitted.forget(path)


def _prepare(entry: Entry, size: Size) -> None:
    from segcam.source.fitted import FittedPicture  # imports FFmpeg: the start does not wait for it

    chosen = parse_background(entry.value)
    if isinstance(chosen, Picture):
        with suppress(SegCamError):  # it was read a moment ago; choosing it will say what is wrong
            picture = FittedPicture(chosen.path, size)
            picture.read(Frame.empty(size))
            picture.keep()
