"""Opens media files: they must be regular files, and a path is never a URL.

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

from segcam.errors import MediaError
from segcam.regular import NotRegular, open_regular

MOST_CLIP_PIXELS = 8192 * 4320
"""Limit for one picture in a clip: 8K. A GIF of 700 bytes can claim seven times as many."""
MOST_BYTES = 512 * 2**20
"""Limit for a file that is read completely: an uncompressed picture of 128 million pixels fits."""

_LIMITS = {"max_pixels": str(MOST_CLIP_PIXELS)}


def open_file(path: Path) -> int:
    """Open a regular file for reading; never blocks on anything else.

    Returns:
        A file descriptor; the caller closes it.

    Raises:
        MediaError: There is no such file, it cannot be read, or it is a folder, pipe, socket or
            device.
    """
    try:
        return open_regular(path)
    except OSError as error:
        raise _unopenable(path, error) from error


def read_file(path: Path) -> bytes:
    """The content of a regular file.

    Raises:
        MediaError: As `open_file`, or it is larger than ``MOST_BYTES``.
    """
    try:
        with os.fdopen(open_file(path), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unopenable(path, error) from error
    if len(data) > MOST_BYTES:
        raise MediaError(
            f"{path} is too large",
            f"SegCam reads pictures of up to {MOST_BYTES >> 20} MiB",
            "Save a smaller copy of it",
        )
    return data


def open_media(path: Path) -> av.container.InputContainer:
    """Open a clip or sound for reading.

    Tags that are not UTF-8 are read as far as possible. Pictures of more than ``MOST_CLIP_PIXELS``
    are refused by the decoders before they take memory.

    Raises:
        MediaError: As `open_file`.
        av.FFmpegError: It is not a media file.
    """
    file = open_file(path)
    options = dict(_LIMITS)  # for decoders that inspect the streams during opening
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


def _unopenable(path: Path, error: OSError) -> MediaError:
    if isinstance(error, FileNotFoundError):
        return MediaError(
            f"There is no file {path}", "", "Check the path; quote it if it has spaces"
        )
    if isinstance(error, NotRegular):
        return MediaError(
            f"{path} is {error.kind}",
            "SegCam reads pictures and clips from files alone",
            "Name a file",
        )
    return MediaError(
        f"{path} cannot be opened",
        error.strerror or str(error),
        "Check the path, and whether you may read it",
    )
