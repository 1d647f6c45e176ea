"""Test footage: pictures like a webcam's, and a simulated webcam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from segcam.color import frame_to_bgr
from segcam.errors import MediaError
from segcam.frame import Frame, Size
from segcam.source.base import Source, SourceInfo
from segcam.source.clip import Clip
from segcam.source.demo import Demo
from segcam.source.jpeg import JpegDecoder
from segcam.source.pacer import Pacer, period_ns

HD: Size = (720, 1280)
CLIP_FRAMES, DEMO_FRAMES = 60, 300
"""Frames of each clip, and of the demo if there are no clips."""
NOISE_LEVELS = 4.0
"""Standard deviation of the sensor noise in a picture without movement."""
_OPTIONS = [
    *(cv2.IMWRITE_JPEG_QUALITY, 85),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422),
]

Footage = Sequence[bytes]
"""JPEG pictures, 4:2:2, like those of most webcams."""


def moving(folder: Path | None, size: Size = HD, most: int = 10_000) -> Footage:
    """The pictures of a folder of clips, or of the demo.

    Args:
        folder: A folder of clips; None for the demo.
        size: (H, W) of the pictures.
        most: Most pictures, taken evenly from all clips.

    Raises:
        MediaError: There is no clip, or one cannot be read.
    """
    sources = list(_sources(folder, size))
    each = min(most // len(sources), CLIP_FRAMES if folder else DEMO_FRAMES)
    return [_encoded(frame) for source in sources for frame in _frames(source, each)]


def held(footage: Footage, size: Size = HD) -> Footage:
    """People who sit still: one picture of each second, repeated with fresh noise."""
    chance, frame, decoder = np.random.default_rng(0), Frame.empty(size), JpegDecoder()
    noise = chance.normal(0, NOISE_LEVELS, (2 * size[0], size[1])).round()
    pictures = []
    for data in footage[::CLIP_FRAMES]:
        decoder.decode(memoryview(data), frame)
        plain = frame.y.astype(np.float32)
        for _ in range(CLIP_FRAMES):
            row, shift = chance.integers(0, size)
            grain = np.roll(noise[row : row + size[0]], shift, axis=1)
            np.copyto(frame.y, np.clip(plain + grain, 0, 255), casting="unsafe")
            pictures.append(_encoded(frame))
    return pictures


class Webcam:
    """Sends footage as a webcam does. See the Source protocol.

    Args:
        footage: Played in a loop if ``live``, else once.
        live: In real time; otherwise as fast as the reader.
        rate_hz: Pictures a second.
    """

    def __init__(
        self, footage: Footage, live: bool = True, rate_hz: Fraction = Fraction(30)
    ) -> None:
        self._footage, self._live, self._rate_hz = footage, live, rate_hz
        self._decoder = JpegDecoder()
        self._pacer = Pacer()
        self._count = 0

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        first = cv2.imdecode(np.frombuffer(self._footage[0], np.uint8), cv2.IMREAD_GRAYSCALE)
        frames = None if self._live else len(self._footage)
        if first is None:
            raise MediaError("The clip cannot be decoded")
        size = first.shape[0], first.shape[1]
        return SourceInfo("footage", size, self._rate_hz, self._live, frames)

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        period = period_ns(self._rate_hz)
        due_ns = self._pacer.wait(period) if self._live else self._count * period
        if self._pacer.interrupted or (not self._live and self._count == len(self._footage)):
            return False
        data = self._footage[self._count % len(self._footage)]
        if not self._decoder.decode(memoryview(data), out):
            raise MediaError("The clip cannot be decoded")
        out.stamp(self._count, due_ns, cut=self._count == 0)
        self._count += 1
        return True

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pacer.interrupt()

    def close(self) -> None:
        """See `Source.close`."""


def save(footage: Footage, folder: Path) -> None:
    """Write the pictures for another process."""
    for index, data in enumerate(footage):
        (folder / f"{index:05d}.jpg").write_bytes(data)


def load(folder: Path) -> Footage:
    """The pictures that `save` wrote."""
    return [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]


def _sources(folder: Path | None, size: Size) -> Iterator[Source]:
    if folder is None:
        yield Demo(size, live=False)
        return
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".mkv", ".mp4", ".webm"))
    if not paths:
        raise MediaError(
            f"There is no clip in {folder}", "", "Choose a folder with .mkv or .mp4 files"
        )
    for path in paths:
        yield Clip(path, size=size)


def _frames(source: Source, most: int) -> Iterator[Frame]:
    frame = Frame.empty(source.open().size)
    try:
        for _ in range(most):
            if not source.read(frame):
                break
            yield frame
    finally:
        source.close()


def _encoded(frame: Frame) -> bytes:
    return cv2.imencode(".jpg", frame_to_bgr(frame), _OPTIONS)[1].tobytes()
