"""The small pictures of a video that a window plays."""

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.clips import write_clip

from segcam.backgrounds import Entry
from segcam.daemon.filmstrip import RATE_HZ, SIZE, filmstrip
from segcam.errors import MediaError

SHADES = 20, 120, 220
"""Of a second each."""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def entry(tmp_path):
    pictures = [
        av.VideoFrame.from_ndarray(np.full((90, 160, 3), shade, np.uint8), "rgb24").reformat(
            format="yuv420p"
        )
        for shade in SHADES
        for _ in range(25)
    ]
    path = write_clip(tmp_path / "sea.mp4", pictures)
    return Entry("sea.mp4", "Sea", f"video:{path}", str(path), bundled=False, kind="video")


def test_strip_shows_the_first_three_seconds(entry):
    found = filmstrip(entry, [entry])
    strip = cv2.imread(found["path"])
    count = round(3 * RATE_HZ)
    assert found["rate_hz"] == RATE_HZ
    assert strip.shape == (count * found["height"], SIZE[1], 3)
    assert found["height"] == SIZE[0]
    for second, shade in enumerate(SHADES):
        middle = strip[round((second + 0.5) * RATE_HZ) * SIZE[0] + SIZE[0] // 2, SIZE[1] // 2]
        assert abs(int(middle[1]) - shade) < 12


def test_strip_is_made_once_for_each_version_of_the_file(entry):
    first = Path(filmstrip(entry, [entry])["path"])
    made_ns = first.stat().st_mtime_ns
    assert Path(filmstrip(entry, [entry])["path"]).stat().st_mtime_ns == made_ns
    Path(entry.path).touch()
    assert Path(filmstrip(entry, [entry])["path"]) != first


def test_strip_goes_with_its_video(entry, tmp_path):
    first = Path(filmstrip(entry, [entry])["path"])
    other = Path(entry.path).rename(tmp_path / "other.mp4")
    renamed = replace(entry, id="other.mp4", path=str(other))
    filmstrip(renamed, [renamed])
    assert not first.exists()


def test_file_that_is_no_video_is_told(entry):
    Path(entry.path).write_bytes(b"no video")
    with pytest.raises(MediaError):
        filmstrip(entry, [entry])
