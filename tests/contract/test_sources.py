"""The contract of every source."""

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest

from segcam.frame import Frame
from segcam.sink.file import FileSink
from segcam.source.clip import Clip
from segcam.source.demo import Demo
from segcam.source.pattern import Pattern
from segcam.source.pictures import Pictures, picture_files

SIZE = (90, 160)


def make_clip(folder):
    path = folder / "clip.mkv"
    sink, frame = FileSink(path), Frame.filled(SIZE, (100, 128, 128))
    sink.open(SIZE, Fraction(30))
    for index in range(8):
        frame.captured_ns = index * 33_333_333
        sink.send(frame)
    sink.close()
    return path


def make_pictures(folder):
    for index in range(3):
        cv2.imwrite(str(folder / f"{index}.png"), np.full((*SIZE, 3), 90, np.uint8))
    return picture_files(folder)


SOURCES = {
    "clip": lambda folder: Clip(make_clip(folder)),
    "live clip": lambda folder: Clip(make_clip(folder), live=True),
    "demo": lambda folder: Demo(SIZE),
    "pattern": lambda folder: Pattern(SIZE),
    "finite pattern": lambda folder: Pattern(SIZE, live=False, frames=3),
    "pictures": lambda folder: Pictures(make_pictures(folder), still=False),
}


@pytest.fixture(params=SOURCES)
def source(request, tmp_path):
    source = SOURCES[request.param](tmp_path)
    yield source
    source.close()


def test_frames_have_the_promised_size_counting_ids_and_rising_times(source):
    info = source.open()
    frame = Frame.filled((2, 2), (0, 0, 0))
    frames = []
    while len(frames) < 8 and source.read(frame):
        assert frame.size == info.size
        frames.append((frame.id, frame.captured_ns, frame.cut))
    assert [f[0] for f in frames] == list(range(len(frames)))
    assert all(a[1] < b[1] for a, b in pairwise(frames))
    assert [f[2] for f in frames] == [True] + [False] * (len(frames) - 1)
    if not info.live and info.frames is not None:
        assert len(frames) == info.frames


def test_the_caller_s_memory_is_used(source):
    info = source.open()
    frame = Frame.filled(info.size, (0, 0, 0))
    memory = frame.data
    assert source.read(frame)
    assert frame.data is memory
    assert frame.y.any()


def test_an_interrupted_source_ends(source):
    source.open()
    source.interrupt()
    assert not source.read(Frame.empty(SIZE))


def test_closing_twice_is_fine(source):
    source.open()
    source.close()
    source.close()


def test_live_sources_keep_time(source):
    info = source.open()
    if not info.live:
        pytest.skip("not live")
    frame = Frame.empty(info.size)
    times = []
    for _ in range(5):
        source.read(frame)
        times.append(frame.captured_ns)
    assert np.allclose(np.diff(times), 1e9 / info.rate_hz, rtol=0.2)
