"""Rendered files: whole, or not in the place of another."""

from fractions import Fraction

import av
import numpy as np
import pytest

from segcam.errors import OutputUnwritable
from segcam.frame import Frame
from segcam.sink.formats import FORMATS
from segcam.sink.rendering import Rendering

SIZE = (90, 160)


def send(sink, times_s):
    frame, noise = Frame.filled(SIZE, (90, 110, 140)), np.random.default_rng(0)
    for at_s in times_s:
        frame.y[:] = noise.integers(60, 200, frame.y.shape, dtype=np.uint8)
        frame.captured_ns = round(at_s * 1e9)
        sink.send(frame)


def render(path, count=30, times_s=None, **options):
    sink = Rendering(path, **options)
    sink.open(SIZE, Fraction(30))
    send(sink, times_s or [index / 30 for index in range(count)])
    sink.close()
    return sink


def frames(path):
    with av.open(str(path)) as video:
        return list(video.decode(video=0))


def names(folder):
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"precious")
    return path


def test_a_whole_one_takes_the_old_file_s_place_when_it_is_told_to(path, tmp_path):
    sink = render(path)
    assert path.read_bytes() == b"precious"
    sink.publish()
    assert len(frames(path)) == 30
    assert names(tmp_path) == ["out.mp4"]


def test_one_that_broke_off_lies_beside_the_old_file(path, tmp_path):
    kept = render(path).keep()
    assert kept == tmp_path / "out.incomplete.mp4"
    assert path.read_bytes() == b"precious"
    assert len(frames(kept)) == 30
    assert names(tmp_path) == ["out.incomplete.mp4", "out.mp4"]


def test_one_that_broke_off_takes_its_own_name_where_it_is_free(tmp_path):
    assert render(tmp_path / "out.mp4").keep() == tmp_path / "out.mp4"
    assert names(tmp_path) == ["out.mp4"]


def test_a_cancelled_one_leaves_the_old_file(path, tmp_path):
    sink = Rendering(path)
    sink.open(SIZE, Fraction(30))
    sink.send(Frame.filled(SIZE, (90, 110, 140)))
    sink.abandon()
    assert names(tmp_path) == ["out.mp4"]
    sink.close()
    sink.publish()
    assert sink.keep() is None
    assert path.read_bytes() == b"precious"
    assert names(tmp_path) == ["out.mp4"]


def test_a_cancelled_one_is_deleted_after_its_end_as_well(path, tmp_path):
    sink = render(path)
    sink.abandon()
    assert names(tmp_path) == ["out.mp4"]
    assert path.read_bytes() == b"precious"


def test_one_that_meets_the_largest_size_is_kept_up_to_there(path, tmp_path):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    render(tmp_path / "whole.mp4", 150).publish()
    limit = (tmp_path / "whole.mp4").stat().st_size * 2 // 3
    sink = Rendering(path)
    sink.open(SIZE, Fraction(30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OutputUnwritable):
            send(sink, [index / 30 for index in range(150)])
        sink.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    kept = sink.keep()
    assert path.read_bytes() == b"precious"
    assert 30 <= len(frames(kept)) < 150


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm", ".avi", ".gif"])
@pytest.mark.parametrize("end_s", [0.5, 3.0])
def test_the_last_picture_is_shown_as_long_as_it_was(tmp_path, ending, end_s):
    path = tmp_path / f"out{ending}"
    render(path, times_s=[0, 0.1, 0.2, 0.3, 0.4], ends_ns=lambda: round(end_s * 1e9)).publish()
    with av.open(str(path)) as video:
        assert video.duration / av.time_base == pytest.approx(end_s, abs=0.04)
    got = [f.time for f in frames(path)]
    assert got[:5] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=0.02)


@pytest.mark.parametrize("rate_hz", [Fraction(1, 2), Fraction(30000, 1001), Fraction(240)])
@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi", ".gif"])
def test_slow_and_fast_clips_keep_every_frame(tmp_path, ending, rate_hz):
    if ending == ".gif" and rate_hz > 100:
        pytest.skip("a GIF counts in hundredths of a second")
    path = tmp_path / f"out{ending}"
    sink = Rendering(path)
    sink.open(SIZE, rate_hz)
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(6):
        frame.captured_ns = round(index * 10**9 / rate_hz)
        sink.send(frame)
    sink.close()
    sink.publish()
    assert [f.time for f in frames(path)] == pytest.approx(
        [i / rate_hz for i in range(6)], abs=0.02
    )


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize("rate_hz", [Fraction(1, 10), Fraction(4), Fraction(25)])
def test_the_last_picture_of_a_still_clip_is_shown_as_long_as_it_was(tmp_path, ending, rate_hz):
    """Encoders write such pictures in another order than they are shown."""
    count, end_s = 3, float(40 / rate_hz)
    path = tmp_path / f"out{ending}"
    sink = Rendering(path, ends_ns=lambda: round(end_s * 1e9))
    sink.open(SIZE, rate_hz)
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(count):
        frame.captured_ns = round(index / rate_hz * 10**9)
        sink.send(frame)
    sink.close()
    sink.publish()
    with av.open(str(path)) as video:
        assert video.duration / av.time_base == pytest.approx(end_s, abs=0.03)
        assert len(list(video.decode(video=0))) == count


def test_a_rate_that_is_no_plain_number_is_written_by_every_format(tmp_path):
    """As clips have it whose rate is an average: 3000000/100447 frames a second."""
    for ending in FORMATS:
        path = tmp_path / f"out{ending}"
        sink = Rendering(path)
        sink.open(SIZE, Fraction(3_000_000, 100_447))
        for index in range(10):
            frame = Frame.filled(SIZE, (90, 110, 140))
            frame.captured_ns = round(index * 1e9 * 100_447 / 3_000_000)
            sink.send(frame)
        sink.close()
        sink.publish()
        assert len(frames(path)) == 10, ending
