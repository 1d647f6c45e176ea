"""Makes small clips of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer

from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.media import create_media
from segcam.source.clip import Clip


def write_clip(
    path: Path,
    pictures: Iterable[av.VideoFrame],
    codec: str = "h264",
    rate_hz: Fraction | int = 25,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    change: Callable[[av.VideoStream], None] = lambda stream: None,
) -> Path:
    """Write pictures, at their own times if they have any, else one after another.

    Size and format are the first picture's. Lossless where the codec allows it.
    """
    with create_media(path, container_options) as output:
        stream = None
        for index, picture in enumerate(pictures):
            if stream is None:
                stream = add_film(output, picture, codec, rate_hz, options)
                change(stream)
            if picture.pts is None:
                picture.pts, picture.time_base = index, 1 / Fraction(rate_hz)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return path


def add_film(
    output: OutputContainer,
    like: av.VideoFrame,
    codec: str = "h264",
    rate_hz: Fraction | int = 25,
    options: dict[str, str] | None = None,
) -> av.VideoStream:
    """A stream for pictures like that one, with its tags."""
    if options is None:
        options = {"qp": "0", "preset": "ultrafast"} if codec == "h264" else {}
    stream = output.add_stream(codec, rate=rate_hz, options=options)
    stream.height, stream.width = like.height, like.width
    stream.pix_fmt = like.format.name
    context = stream.codec_context
    context.color_range, context.colorspace = int(like.color_range), int(like.colorspace)
    context.color_trc, context.color_primaries = int(like.color_trc), int(like.color_primaries)
    context.time_base = like.time_base or 1 / Fraction(rate_hz)
    return stream


def plain(
    size: tuple[int, int] = (48, 64),
    rgb: tuple[int, int, int] = (128, 128, 128),
    form: str = "yuv420p",
    at_ms: int | None = None,
) -> av.VideoFrame:
    """A picture of one colour, in BT.601, untagged; shown at ``at_ms``."""
    pixels = np.full((*size, 3), rgb, np.uint8)
    picture = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(
        format=form, dst_colorspace=5, dst_color_range=1
    )
    picture.colorspace = 2
    picture.color_range = 0
    if at_ms is not None:
        picture.pts, picture.time_base = at_ms, Fraction(1, 1000)
    return picture


def planes(*values: np.ndarray, form: str = "yuv420p") -> av.VideoFrame:
    """A picture of the given planes: uint8, or uint16 for more than 8 bits."""
    height, width = values[0].shape
    picture = av.VideoFrame(width, height, form)
    for plane, given in zip(picture.planes, values, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        data = np.ascontiguousarray(given).view(np.uint8).reshape(len(given), -1)
        rows[: len(given), : data.shape[1]] = data
    return picture


def frames_of(clip: Clip) -> list[Frame]:
    """All frames of a clip, opened and closed here; if it breaks off, those before."""
    clip.open()
    frames, frame = [], Frame.empty((2, 2))
    try:
        while clip.read(frame):
            copy = Frame.empty((2, 2))
            copy.copy_from(frame)
            frames.append(copy)
    except MediaError:
        if not frames:
            raise
    finally:
        clip.close()
    return frames


def times_ms(frames: Iterable[Frame]) -> list[int]:
    """The times of the frames."""
    return [round(frame.captured_ns / 1e6) for frame in frames]


def color_at(frame: Frame, row: int, column: int) -> tuple[int, int, int]:
    """A player's (R, G, B) for BT.601, limited range."""
    y = 1.164384 * (int(frame.y[row, column]) - 16)
    u, v = (int(plane[row // 2, column // 2]) - 128 for plane in (frame.u, frame.v))
    rgb = y + 1.596027 * v, y - 0.391762 * u - 0.812968 * v, y + 2.017232 * u
    r, g, b = (min(255, max(0, round(value))) for value in rgb)
    return r, g, b
