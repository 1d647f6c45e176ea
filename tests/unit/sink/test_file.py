from fractions import Fraction

import av
import numpy as np
import pytest

from segcam.errors import OutputUnwritable
from segcam.frame import Frame
from segcam.sink.file import FileSink

SIZE = (90, 160)


def send(sink, count, rate_hz=Fraction(30), start_ns=7_000_000_000):
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(count):
        frame.captured_ns = start_ns + round(index * 1e9 / rate_hz)
        sink.send(frame)


def tone(path, seconds=1.0, codec="aac", start_s=0):
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=48000, layout="mono")
        time = np.arange(int(48000 * seconds)) / 48000
        wave = (np.sin(2 * np.pi * 440 * time) * 12000).astype(np.int16)
        for start in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], "s16", "mono")
            frame.rate, frame.pts = 48000, start + start_s * 48000
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def test_times_colours_and_range_are_kept(tmp_path):
    path = tmp_path / "out.mp4"
    sink = FileSink(path)
    sink.open(SIZE, Fraction(25))
    send(sink, 10, Fraction(25))
    sink.close()
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
        assert [round(f.time * 25) for f in frames] == list(range(10))
        assert frames[0].color_range == 1, "limited"
        data = frames[0].to_ndarray()
    assert abs(int(data[10, 10]) - 90) <= 2


def test_nothing_is_there_before_the_end_and_an_old_file_survives(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"precious")
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    send(sink, 3)
    assert path.read_bytes() == b"precious"
    sink.close()
    assert path.read_bytes() != b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


def test_without_a_frame_nothing_is_written(tmp_path):
    sink = FileSink(tmp_path / "out.mp4")
    sink.open(SIZE, Fraction(30))
    sink.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.txt", "out", "out.wav"])
def test_formats_without_pictures_are_refused(tmp_path, name):
    with pytest.raises(OutputUnwritable):
        FileSink(tmp_path / name).open(SIZE, Fraction(30))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "codec", "target", "expected"),
    [
        ("in.mp4", "aac", "out.mp4", "aac"),
        ("in.mp4", "aac", "out.mkv", "aac"),
        ("in.wav", "pcm_s16le", "out.mp4", "aac"),
        ("in.mp4", "aac", "out.webm", "opus"),
    ],
)
def test_sound_comes_along(tmp_path, source, codec, target, expected):
    sound = tone(tmp_path / source, codec=codec)
    sink = FileSink(tmp_path / target, sound_from=sound)
    sink.open(SIZE, Fraction(30))
    send(sink, 30, start_ns=0)
    sink.close()
    with av.open(str(tmp_path / target)) as video:
        stream = video.streams.audio[0]
        assert expected in stream.codec_context.name
        samples = np.concatenate([f.to_ndarray().ravel() for f in video.decode(stream)])
    assert np.abs(samples).max() > 0
    assert 0.9 < len(samples) / stream.rate < 1.2


@pytest.mark.parametrize("target", ["out.mkv", "out.webm"])
@pytest.mark.parametrize("picture_s", [2, 3])
def test_sound_stays_in_step_where_a_clip_does_not_start_at_zero(tmp_path, target, picture_s):
    """As broadcasts do not: the sound starts at 3 s, the pictures at 2 or 3 s."""
    sound = tone(tmp_path / "in.mkv", start_s=3)
    sink = FileSink(tmp_path / target, sound_from=sound)
    sink.open(SIZE, Fraction(30))
    send(sink, 90, start_ns=picture_s * 1_000_000_000)
    sink.close()
    with av.open(str(tmp_path / target)) as video:
        first = next(video.decode(audio=0))
    assert first.time == pytest.approx(3 - picture_s, abs=0.1)


def test_a_format_without_sound_is_silent(tmp_path):
    sink = FileSink(tmp_path / "out.gif", sound_from=tone(tmp_path / "in.mp4"))
    sink.open(SIZE, Fraction(30))
    send(sink, 3)
    sink.close()
    with av.open(str(tmp_path / "out.gif")) as video:
        assert not video.streams.audio


def test_an_abandoned_file_leaves_the_old_one(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"precious")
    sink = FileSink(path)
    sink.open(SIZE, Fraction(30))
    send(sink, 3)
    sink.abandon()
    sink.close()
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["out.mp4"]
