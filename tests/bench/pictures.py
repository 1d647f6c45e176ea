"""Measures how long large background pictures take to decode on this machine.

``python tests/bench/pictures.py``: a picture of 12 million pixels with the spectrum of a photograph
and a sensor's noise, in each format, decoded for 1280x720 as for a background.

OpenCV: decoded by it, JPEG at half size. SegCam: as it decodes. Each with the processor time of all
threads.
"""

from __future__ import annotations

import struct
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from segcam.color import bgr_to_frame
from segcam.frame import U8, Size
from segcam.source.picture import read_frame

SIZE, SHOWN = (3000, 4000), (720, 1280)
TURNS = 7
FORMATS: dict[str, tuple[str, list[int]]] = {
    "JPEG": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, 92]),
    "progressive JPEG": (
        ".jpg",
        [cv2.IMWRITE_JPEG_QUALITY, 92, cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    ),
    "WebP": (".webp", [cv2.IMWRITE_WEBP_QUALITY, 80]),
    "AVIF": (".avif", [cv2.IMWRITE_AVIF_QUALITY, 75, cv2.IMWRITE_AVIF_SPEED, 9]),
    "PNG": (".png", []),
}


def picture(size: Size) -> U8:
    """A picture whose spectrum falls as that of photographs does, with a sensor's noise."""
    rng = np.random.default_rng(0)
    height, width = size
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    falls = 1 / np.maximum(np.hypot(rows, columns), 1 / max(size)) ** 1.2
    planes = []
    for contrast in (50.0, 8.0, 8.0):  # luma, chroma
        spectrum = np.fft.rfft2(rng.normal(size=size).astype(np.float32)) * falls
        plane = np.fft.irfft2(spectrum, size)
        planes.append(128 + plane * contrast / plane.std() + rng.normal(0, 1.5, size))
    yuv = np.clip(np.dstack(planes), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YCrCb2BGR), np.uint8)


def times_ms(work: Callable[[], object]) -> tuple[float, float]:
    """Median time and median processor time."""
    found = []
    for _ in range(TURNS):
        start = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, processor = np.median(np.array(found) * 1e3, axis=0)
    return float(wall), float(processor)


def by_opencv(path: Path) -> None:
    """Decode with OpenCV alone."""
    data = np.fromfile(path, np.uint8)
    is_jpeg = path.suffix == ".jpg"
    decoded = cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_2 if is_jpeg else cv2.IMREAD_COLOR)
    assert decoded is not None
    bgr_to_frame(np.asarray(decoded, np.uint8))


def compressed(png: bytes) -> bytes:
    """The compressed data of a PNG picture. Source: PNG 1.2, section 5."""
    parts, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if png[at + 4 : at + 8] == b"IDAT":
            parts.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return b"".join(parts)


def main() -> None:
    """Measure and print."""
    pixels = picture(SIZE)
    print(f"{'ms':17}     MB  OpenCV  processor  SegCam  processor")
    with tempfile.TemporaryDirectory() as folder:
        for name, (suffix, options) in FORMATS.items():
            path = Path(folder, f"{name}{suffix}")
            cv2.imwrite(str(path), pixels, options)
            found = (
                times_ms(lambda path=path: by_opencv(path)),
                times_ms(lambda path=path: read_frame(path, SHOWN)),
            )
            cells = "  ".join(f"{wall:6.0f}  {processor:9.0f}" for wall, processor in found)
            print(f"{name:17} {path.stat().st_size / 1e6:6.1f}  {cells}", flush=True)
        data = compressed(Path(folder, "PNG.png").read_bytes())
    rows = SIZE[0] * (3 * SIZE[1] + 1)
    bound, _ = times_ms(lambda: zlib.decompress(data, bufsize=rows))
    print(f"PNG's decompression alone, zlib {zlib.ZLIB_RUNTIME_VERSION}: {bound:.0f} ms")


if __name__ == "__main__":
    main()
