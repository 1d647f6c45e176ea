"""Builds compositors."""

from __future__ import annotations

from pathlib import Path

from segcam import settings
from segcam.color import rgb_to_yuv
from segcam.composite import background
from segcam.composite.compositor import Compositor, RoomHidden, RoomShown
from segcam.composite.player import FrameReader, Rewind
from segcam.frame import Size
from segcam.pipeline.sources import DEFAULT_SIZE


def make_compositor(
    chosen: settings.Background, size: Size = DEFAULT_SIZE, live: bool = True
) -> Compositor:
    """The compositor for a background.

    Args:
        chosen: What replaces the room.
        size: (H, W) of the frames to begin with.
        live: Whether they come from a camera: then another thread reads the picture or video, which
            may fail later without harm.

    Raises:
        MediaError: The background's picture or video cannot be read.
    """

    def video(rewind: Rewind) -> Compositor:
        return RoomHidden(
            background.Video(rewind, size) if live else background.VideoInStep(rewind)
        )

    match chosen:
        case settings.NoEffect():
            return RoomShown()
        case settings.Blur(strength):
            return RoomHidden(background.Blurred(strength))
        case settings.Color(rgb):
            return RoomHidden(background.Color(rgb_to_yuv(rgb)))
        case settings.Picture(path):
            return video(lambda size: _still(path, size))
        case settings.Video(path):
            return video(lambda size: _rewind(path, size))


def _still(path: Path, size: Size) -> FrameReader:
    from segcam.source.fitted import FittedPicture

    return FittedPicture(path, size)


def _rewind(path: Path, size: Size) -> FrameReader:
    from segcam.source.clip import Clip

    video = Clip(path, size=size)
    video.open()
    return video
