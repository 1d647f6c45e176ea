"""Opens media files with FFmpeg: they must be regular files, and a path is never a URL.

The only module that gives FFmpeg something to open. FFmpeg treats "2024-11-14T22:57:44.mp4" as a
protocol and "http://..." as a download, and a playlist may name further files. None of this is
possible here, since FFmpeg gets an open file instead of its name, and may open no other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import av

from segcam.media_file import open_file

MOST_CLIP_PIXELS = 8192 * 4320
"""Limit for one picture in a clip: 8K. A GIF of 700 bytes can claim seven times as many."""

_LIMITS = {"max_pixels": str(MOST_CLIP_PIXELS)}


def open_media(path: Path, decodes: bool = True) -> av.container.InputContainer:
    """Open a clip or sound for reading.

    Tags that are not UTF-8 are read as far as possible. Pictures of more than ``MOST_CLIP_PIXELS``
    are refused by the decoders before they take memory.

    Args:
        path: The file.
        decodes: Whether FFmpeg may decode the first pictures to learn the streams' formats; for a
            file with one picture, that is most of the work.

    Raises:
        MediaError: As `open_file`.
        av.FFmpegError: It is not a media file.
    """
    file = open_file(path)
    options = dict(_LIMITS)  # for decoders that inspect the streams during opening
    if not decodes:
        options["codec_whitelist"] = "none"  # not a codec; holds only while opening
    try:
        if sys.platform == "win32":  # there a descriptor may mean another file to FFmpeg
            url = _url(path)
            options |= {"protocol_whitelist": "file"}
        else:
            url = "fd:"  # FFmpeg duplicates the descriptor
            options |= {"protocol_whitelist": "fd", "fd": str(file)}
        container = av.open(url, options=options, metadata_errors="replace")
    finally:
        os.close(file)
    for stream in container.streams.video:
        if stream.codec_context is not None:  # FFmpeg may have no decoder
            stream.codec_context.options = dict(_LIMITS)
    return container


def create_media(
    path: Path, options: Mapping[str, str] | None = None
) -> av.container.OutputContainer:
    """Open a media file for writing, in the format of its extension.

    Args:
        path: Overwritten if it exists.
        options: For FFmpeg's muxer.

    Raises:
        av.FFmpegError: There is no such folder or no permission.
        ValueError: FFmpeg has no format for that extension.
    """
    return av.open(_url(path), "w", options=dict(options or {}))


def _url(path: Path) -> str:
    return f"file:{path.absolute()}"
