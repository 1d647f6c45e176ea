"""Small good files of every kind, to be damaged."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from support.tiny_tflite import tiny_segmenter

CLIPS = {
    "mp4": "libx264",
    "mkv": "libx264",
    "webm": "libvpx",
    "avi": "mpeg4",
    "ts": "mpeg2video",
    "mov": "mjpeg",
    "gif": "gif",
    "flv": "flv",
    "asf": "wmv2",
    "apng": "apng",
}
"""Common containers and codecs."""
PICTURES = ("png", "jpg", "webp", "bmp", "tiff", "avif", "jp2")
SIZE = (32, 48)
CARD = """
name = "mine"
title = "Mine"
licence = "Apache-2.0"
origin = "me"
file = "mine.tflite"
sha256 = "{}"
scale = 0.00392
wheel = "mediapipe==0.10.21"
[input]
name = "in"
shape = [1, 48, 64, 3]
layout = "nhwc"
[output]
name = "out"
shape = [1, 48, 64, 1]
layout = "nhwc"
[metrics]
miou = 0.9
""".format("ab" * 32)
RECURRENT = (
    CARD.replace("mine.tflite", "mine.onnx")
    + """
[[state]]
in = "r1i"
out = "r1o"
shape = [1, 16, 24, 32]
[[state]]
in = "r2i"
out = "r2o"
shape = [1, 8, 12, 16]
"""
)
SETTINGS = """
# mine
background = "blur:60"
size = "1280x720"
fps = 30
mirror = true
[presets.home]
background = "color:#00ff00"
"""


def clips() -> list[bytes]:
    """Twelve frames and a tone in each container."""
    return [_clip(ending, codec) for ending, codec in CLIPS.items()]


def pictures() -> list[bytes]:
    """One picture in each format."""
    picture = _picture(0)
    return [cv2.imencode(f".{ending}", picture)[1].tobytes() for ending in PICTURES]


def jpegs() -> list[bytes]:
    """Pictures of webcams: 4:2:2, 4:2:0, 4:4:4, progressive and grey."""
    picture = _picture(0)
    ways = [
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
        [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    ]
    encoded = [cv2.imencode(".jpg", picture, way)[1].tobytes() for way in ways]
    return [*encoded, cv2.imencode(".jpg", picture[:, :, 0])[1].tobytes()]


def models(folder: Path) -> list[bytes]:
    """A TFLite model."""
    tiny_segmenter(folder / "sample.tflite", SIZE)
    return [(folder / "sample.tflite").read_bytes()]


def _clip(ending: str, codec: str) -> bytes:
    file = io.BytesIO()
    formats = {"mkv": "matroska", "ts": "mpegts"}
    with av.open(file, "w", format=formats.get(ending, ending)) as container:
        video = container.add_stream(codec, rate=Fraction(25))
        video.height, video.width = SIZE
        video.pix_fmt = {"gif": "rgb8", "mov": "yuvj420p", "apng": "rgb24"}.get(ending, "yuv420p")
        sound = None
        if ending in ("mp4", "mkv"):
            sound = container.add_stream("aac", rate=8000, layout="mono")
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(_picture(number), format="bgr24")
            container.mux(video.encode(frame))
            if sound is not None:
                tone = av.AudioFrame.from_ndarray(
                    np.zeros((1, 320), np.float32), format="fltp", layout="mono"
                )
                tone.sample_rate, tone.pts = 8000, number * 320
                container.mux(sound.encode(tone))
        for stream in filter(None, (video, sound)):
            container.mux(stream.encode(None))
    return file.getvalue()


def _picture(number: int) -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.dstack([x * 5, y * 8, (x + y + number * 9) % 256]).astype(np.uint8)
