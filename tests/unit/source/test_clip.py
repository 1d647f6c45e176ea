import gc
import re
import struct
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.clips import plain, write_clip

from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.sink.file import FileSink
from segcam.source.clip import Clip
from segcam.source.decode import PlaneReader
from segcam.source.pacer import Pacer
from segcam.source.pattern import Pattern, read_code

SIZE = (90, 160)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "pattern.mp4"
    write(path, 20)
    return path


def write(path, count, rate_hz=Fraction(25)):
    source, sink = Pattern(SIZE, rate_hz, live=False), FileSink(path)
    source.open()
    sink.open(SIZE, rate_hz)
    frame = Frame.empty(SIZE)
    for _ in range(count):
        source.read(frame)
        sink.send(frame)
    sink.close()


def read_all(source):
    source.open()
    frames = []
    frame = Frame.empty((2, 2))
    while source.read(frame):
        copy = Frame.empty((2, 2))
        copy.copy_from(frame)
        frames.append(copy)
    source.close()
    return frames


def test_every_frame_comes_once_with_its_time(clip):
    source = Clip(clip)
    info = source.open()
    assert (info.size, info.rate_hz, info.live, info.frames) == (SIZE, 25, False, 20)
    frames = read_all(Clip(clip))
    assert [read_code(f.id, f) for f in frames] == list(range(20))
    assert [f.captured_ns for f in frames] == [i * 40_000_000 for i in range(20)]
    assert [f.cut for f in frames] == [True] + [False] * 19


def test_colours_survive_the_way_there_and_back(clip):
    truth = Frame.empty(SIZE)
    Pattern(SIZE, live=False).read(truth)
    frame = read_all(Clip(clip))[0]
    error = np.abs(frame.data.astype(int) - truth.data)
    assert error.mean() < 4


def test_a_clip_can_be_scaled(clip):
    frames = read_all(Clip(clip, size=(44, 80)))
    assert {f.size for f in frames} == {(44, 80)}
    assert len(frames) == 20


def test_each_round_of_a_live_clip_starts_with_a_cut(clip):
    source = Clip(clip, live=True)
    source.open()
    frame = Frame.empty(SIZE)
    cuts = [source.read(frame) and frame.cut for _ in range(45)]
    source.close()
    assert [index for index, cut in enumerate(cuts) if cut] == [0, 20, 40]


def test_another_shape_is_cut_not_squeezed(clip):
    source = Clip(clip, size=(90, 90))
    source.open()
    frame, truth = Frame.empty((90, 90)), Frame.empty(SIZE)
    assert source.read(frame)
    source.close()
    Pattern(SIZE, live=False).read(truth)
    assert np.abs(frame.y[:, 2:-2].astype(int) - truth.y[:, 36:122]).mean() < 6


def test_live_it_loops_at_its_own_rate(clip):
    source = Clip(clip, live=True)
    assert source.open().live
    frame = Frame.empty(SIZE)
    times, codes = [], []
    for index in range(50):
        assert source.read(frame)
        times.append(frame.captured_ns)
        codes.append(read_code(index % 20, frame))
    source.interrupt()
    assert not source.read(frame)
    source.close()
    source.close()
    assert codes == [*range(20), *range(20), *range(10)]
    steps = np.diff(times)
    assert np.median(steps) == 40_000_000


@pytest.mark.parametrize("name", ["whole.mkv", "whole.mp4"])
def test_a_truncated_clip_gives_what_it_has_and_says_so(tmp_path, name):
    whole = tmp_path / name
    write(whole, 100)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError, match=name) as caught:
        read_all(Clip(whole))
    if name.endswith("mkv"):
        count = int(re.search(r"after (\d+) frames", caught.value.title)[1])
        assert 10 < count < 100


def test_a_clip_filmed_sideways_is_turned(tmp_path):
    """The display matrix of a telephone that was held upright."""
    path = tmp_path / "upright.mp4"
    write(path, 3)
    data = path.read_bytes()
    upright = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    at = data.rindex(upright)
    turned = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:at] + turned + data[at + 36 :])
    truth = Frame.empty(SIZE)
    Pattern(SIZE, live=False).read(truth)
    source = Clip(path)
    assert source.open().size == SIZE[::-1]
    frame = Frame.empty((2, 2))
    assert source.read(frame)
    source.close()
    assert np.abs(np.rot90(frame.y).astype(int) - truth.y).mean() < 4


@pytest.mark.parametrize("content", [b"", b"this is no video\n" * 100, None])
def test_what_is_no_video_is_told(tmp_path, content):
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        Clip(path).open()
    assert str(path) in caught.value.title
    assert caught.value.hint


def test_sound_without_pictures_is_told(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=48000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.rate = 48000
        output.mux(stream.encode(silence))
        output.mux(stream.encode(None))
    with pytest.raises(MediaError):
        Clip(path).open()


def test_odd_clips_become_even(tmp_path):
    path = tmp_path / "odd.gif"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 31, 21, "rgb8"
        for _ in range(3):
            picture = np.full((21, 31, 3), 200, np.uint8)
            output.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="rgb8"))
            )
        output.mux(stream.encode(None))
    source = Clip(path)
    assert source.open().size == (22, 32)
    assert source.size_of(0) == (21, 31)
    frame = Frame.empty((2, 2))
    assert source.read(frame)
    assert frame.size == (22, 32)
    source.close()


def test_live_a_picture_is_decoded_when_it_is_due(clip, monkeypatch):
    """As a webcam's is. Earlier, it would take the processor from the picture before."""
    order = []
    wait, copy = Pacer.wait, PlaneReader.copy
    monkeypatch.setattr(Pacer, "wait", lambda *given: (order.append("wait"), wait(*given))[1])
    monkeypatch.setattr(PlaneReader, "copy", lambda *given: (order.append("copy"), copy(*given))[1])
    source = Clip(clip, live=True)
    source.open()
    for _ in range(3):
        assert source.read(Frame.empty(SIZE))
    source.close()
    assert order == ["wait", "copy"] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells")
def test_a_clip_that_is_read_keeps_no_picture(tmp_path):
    size = (720, 1280)
    sink = FileSink(tmp_path / "clip.mp4")
    sink.open(size, Fraction(30))
    for index in range(80):
        frame = Frame.filled(size, (90, 100, 110))
        frame.stamp(index, index * 33_333_333)
        sink.send(frame)
    sink.close()

    def resident_pages():
        return int(Path("/proc/self/statm").read_text().split()[1])

    clip, frame, pages = Clip(tmp_path / "clip.mp4"), Frame.empty((2, 2)), []
    clip.open()
    gc.disable()
    try:
        while clip.read(frame):
            pages.append(resident_pages())
    finally:
        gc.enable()
        clip.close()
    assert (pages[-1] - pages[20]) * 4096 < 20e6, "sixty pictures have 83 MB"


def test_a_clip_of_giant_pictures_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "bomb.gif"
    write_clip(path, [plain((4, 4), form="rgb8")] * 3, "gif", 10)
    data = bytearray(path.read_bytes())
    data[6:10] = (12_000).to_bytes(2, "little") * 2
    path.write_bytes(data)
    with pytest.raises(MediaError, match="more than 35 million pixels"):
        Clip(path).open()


def test_a_closed_clip_keeps_its_times_and_no_pictures(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", [plain(at_ms=2000 + 40 * i) for i in range(5)])
    source = Clip(path)
    source.open()
    while source.read(Frame.empty((2, 2))):
        pass
    source.close()
    assert (source.start_ns, source.end_ns) == (2_000_000_000, 2_200_000_000)
    assert not source.read(Frame.empty((2, 2)))
    assert source.open().frames
    assert source.read(Frame.empty((2, 2)))
    source.close()


def test_a_closed_clip_leaves_nothing_to_garbage_collection(clip):
    def pictures():
        return sum(isinstance(each, av.VideoFrame) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = pictures()
        film, frame = Clip(clip), Frame.empty(SIZE)
        film.open()
        assert film.read(frame)
        assert pictures() > before
        film.close()
        del film
        assert pictures() <= before
    finally:
        gc.enable()
