"""Recordings: kept as far as they got, whatever ends them."""

import os
import shutil
import stat
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from segcam.errors import OutputUnwritable
from segcam.frame import Frame
from segcam.sink.file import FileSink
from segcam.sink.formats import FORMATS

SIZE = (90, 160)


def send(sink, count, rate_hz=Fraction(30), start_ns=7_000_000_000):
    """Noise, which takes room on the disk."""
    frame, noise = Frame.filled(SIZE, (90, 110, 140)), np.random.default_rng(0)
    for index in range(count):
        frame.y[:] = noise.integers(60, 200, frame.y.shape, dtype=np.uint8)
        frame.captured_ns = start_ns + round(index * 1e9 / rate_hz)
        sink.send(frame)


def send_and_close(sink, count):
    """Where it fails depends on the encoder."""
    send(sink, count)
    sink.close()


def frames(path):
    with av.open(str(path)) as video:
        return list(video.decode(video=0))


def seconds(path):
    """As players show it."""
    with av.open(str(path)) as video:
        return video.duration / av.time_base


def record(path, count, rate_hz=Fraction(30)):
    sink = FileSink(path)
    sink.open(SIZE, rate_hz)
    send(sink, count, rate_hz)
    return sink


@pytest.fixture
def limited():
    """Sets the largest file size, as quotas and FAT do."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_promised_ending_holds_every_frame_at_its_time(tmp_path, ending):
    path = tmp_path / f"out{ending}"
    record(path, 60).close()
    got = frames(path)
    assert [round(f.time * 30) for f in got] == list(range(60))
    assert seconds(path) == pytest.approx(2, abs=0.05)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm", ".avi"])
def test_colours_and_range_are_kept(tmp_path, ending):
    sink = FileSink(tmp_path / f"out{ending}")
    sink.open(SIZE, Fraction(25))
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(10):
        frame.captured_ns = index * 40_000_000
        sink.send(frame)
    sink.close()
    picture = frames(sink.name)[5]
    assert picture.color_range in (0, 1), "limited, or not told"
    for plane, value in zip(picture.planes, (90, 110, 140), strict=True):
        assert np.abs(np.frombuffer(plane, np.uint8)[:80].astype(int) - value).max() <= 3


def test_a_gif_has_the_colours_that_suit_each_picture(tmp_path):
    """256 fixed colours would be up to 18 steps away."""
    sink = FileSink(tmp_path / "out.gif")
    sink.open(SIZE, Fraction(10))
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(5):
        frame.y[:] = np.linspace(40 + 20 * index, 100 + 20 * index, SIZE[1]).astype(np.uint8)
        frame.captured_ns = index * 100_000_000
        sink.send(frame)
    sink.close()
    for index, picture in enumerate(frames(sink.name)):
        luma = picture.reformat(format="yuv420p", dst_color_range=1).to_ndarray()[: SIZE[0]]
        wanted = np.linspace(40 + 20 * index, 100 + 20 * index, SIZE[1])
        assert np.abs(luma.mean(axis=0) - wanted).max() < 4


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".avi"])
def test_what_was_recorded_can_be_played_when_the_process_is_killed(tmp_path, ending):
    """A copy is what the disk holds at that moment."""
    path = tmp_path / f"out{ending}"
    sink = record(path, 150)
    shutil.copy(path, tmp_path / f"killed{ending}")
    assert len(frames(tmp_path / f"killed{ending}")) >= 60
    sink.close()
    assert len(frames(path)) == 150


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".avi"])
def test_a_recording_that_meets_the_largest_size_is_kept_up_to_there(tmp_path, ending, limited):
    path = tmp_path / f"out{ending}"
    record(tmp_path / f"whole{ending}", 150).close()
    limited((tmp_path / f"whole{ending}").stat().st_size * 2 // 3)
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    with pytest.raises(OutputUnwritable) as caught:
        send_and_close(sink, 150)
    sink.close()
    assert "large" in caught.value.message
    assert "kept" in caught.value.hint
    assert 30 <= len(frames(path)) < 150
    assert {p.name for p in tmp_path.iterdir()} == {f"whole{ending}", path.name}


def test_a_limit_below_the_first_second_leaves_nothing(tmp_path, limited):
    limited(2000)
    sink = FileSink(tmp_path / "out.mp4")
    sink.open(SIZE, Fraction(30))
    with pytest.raises(OutputUnwritable):
        send(sink, 150)
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_until_the_new_one_can_be_played(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"precious")
    path.chmod(0o600)
    sink = record(path, 10)
    assert path.read_bytes() == b"precious"
    send(sink, 90, start_ns=8_000_000_000)
    assert len(frames(path)) >= 30
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sink.close()
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_without_a_frame_nothing_is_written_and_the_old_file_survives(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"precious")
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    assert not sink.unfinished
    sink.close()
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_opened_again_it_goes_on_beside_what_it_has_recorded(tmp_path):
    sink = FileSink(tmp_path / "out.mp4")
    for count in (10, 20, 30):
        sink.open(SIZE, Fraction(30))
        send(sink, count)
        sink.close()
    found = {p.name: len(frames(p)) for p in tmp_path.iterdir()}
    assert found == {"out.mp4": 10, "out-2.mp4": 20, "out-3.mp4": 30}
    assert sink.name.endswith("out-3.mp4")


@pytest.mark.parametrize("name", ["out.txt", "out", "out.wav", "out.mpg", ".mp4"])
def test_other_endings_are_refused_with_those_that_are_possible(tmp_path, name):
    with pytest.raises(OutputUnwritable) as caught:
        FileSink(tmp_path / name)
    for ending in FORMATS:
        assert ending in str(caught.value)


def test_an_ending_in_capitals_is_the_same(tmp_path):
    record(tmp_path / "OUT.MP4", 10).close()
    assert len(frames(tmp_path / "OUT.MP4")) == 10


@pytest.mark.parametrize("name", ["2024-11-14T22:57:44.mp4", "http:x.mp4", "a%d.mp4", "-i.mkv"])
def test_a_name_is_a_name(tmp_path, name):
    record(tmp_path / name, 10).close()
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_what_a_file_still_needs_is_told_until_it_is_finished(tmp_path):
    sink = record(tmp_path / "out.mp4", 10)
    assert sink.unfinished == str(tmp_path / "out.mp4")
    sink.close()
    assert not sink.unfinished


def test_a_recording_whose_end_nobody_waits_for_stays_as_far_as_it_got(tmp_path):
    path = tmp_path / "out.mp4"
    sink = record(path, 90)
    sink.abandon()
    assert not sink.unfinished
    assert len(frames(path)) >= 30
    sink.close()
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_a_recording_given_up_before_it_can_be_played_leaves_nothing(tmp_path):
    sink = record(tmp_path / "out.mp4", 5)
    sink.abandon()
    assert list(tmp_path.iterdir()) == []
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_is_deleted_with_its_folder_is_written_anew_and_told(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    sink = record(folder / "out.mp4", 90)
    shutil.rmtree(folder)
    with pytest.raises(OutputUnwritable, match="deleted"):
        sink.close()
    assert len(frames(folder / "out.mp4")) == 90


@pytest.mark.skipif(os.name == "nt", reason="Unix")
def test_a_recording_that_another_program_has_cut_is_told(tmp_path):
    path = tmp_path / "out.mp4"
    sink = record(path, 90)
    os.truncate(path, 0)
    with pytest.raises(OutputUnwritable, match="has cut it"):
        send(sink, 1, start_ns=17_000_000_000)
    sink.close()


@pytest.mark.skipif(os.name == "nt", reason="Unix")
@pytest.mark.parametrize("takes", [Path.touch, Path.mkdir])
def test_a_deleted_recording_replaces_nothing_that_has_its_name_now(tmp_path, takes):
    path = tmp_path / "out.mp4"
    sink = record(path, 90)
    path.unlink()
    takes(path)
    with pytest.raises(OutputUnwritable, match=r"out\.incomplete\.mp4"):
        sink.close()
    assert len(frames(tmp_path / "out.incomplete.mp4")) == 90
    assert path.is_dir() or path.read_bytes() == b""


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("count", [31, 32, 61])
def test_players_show_the_last_picture_whatever_was_encoded_after_it(tmp_path, ending, count):
    """Smooth movement makes the encoder change the order of pictures."""
    path = tmp_path / f"out{ending}"
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    frame = Frame.empty(SIZE)
    slope = np.add.outer(*map(np.arange, frame.data.shape))
    for index in range(count):
        frame.data[:] = np.roll(slope % 200 + 16, 3 * index, axis=1)
        frame.captured_ns = round(index * 1e9 / 30)
        sink.send(frame)
    sink.close()
    assert [round(f.time * 30) for f in frames(path)] == list(range(count))
    assert seconds(path) == pytest.approx(count / 30, abs=0.005)


def test_a_folder_that_is_missing_is_told_when_it_is_opened(tmp_path):
    with pytest.raises(OutputUnwritable, match="out"):
        FileSink(tmp_path / "gone" / "out.mp4").open(SIZE, Fraction(30))


def test_frames_without_an_even_pace_keep_their_times(tmp_path):
    path = tmp_path / "out.mkv"
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    times_ms = [0, 10, 40, 200, 201, 1000]
    for at_ms in times_ms:
        frame = Frame.filled(SIZE, (90, 110, 140))
        frame.captured_ns = at_ms * 1_000_000
        sink.send(frame)
    sink.close()
    assert [round(f.time * 1000) for f in frames(path)] == times_ms


@pytest.mark.skipif(os.name == "nt", reason="Unix")
def test_two_recordings_with_one_name_do_not_share_a_part(tmp_path):
    sinks = [record(tmp_path / "out.mp4", 5) for _ in range(2)]
    threads = [threading.Thread(target=sink.close) for sink in sinks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
    assert len(frames(tmp_path / "out.mp4")) == 5
