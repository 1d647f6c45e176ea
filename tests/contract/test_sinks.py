"""The contract of every sink that needs no device."""

from fractions import Fraction

import pytest

from segcam.errors import OutputUnwritable
from segcam.frame import Frame
from segcam.sink.file import FileSink
from segcam.sink.null import NullSink
from segcam.sink.pictures import PictureSink
from segcam.sink.several import Several

SIZE = (90, 160)

SINKS = {
    "null": lambda folder: NullSink(),
    "mp4": lambda folder: FileSink(folder / "out.mp4"),
    "mkv": lambda folder: FileSink(folder / "out.mkv"),
    "webm": lambda folder: FileSink(folder / "out.webm"),
    "gif": lambda folder: FileSink(folder / "out.gif"),
    "pictures": lambda folder: PictureSink(folder / "out", str, lambda frame_id: SIZE),
    "several": lambda folder: Several([NullSink(), FileSink(folder / "out.mp4")]),
}


@pytest.fixture(params=SINKS)
def sink(request, tmp_path):
    return SINKS[request.param](tmp_path)


def test_takes_frames_keeps_none_and_closes_twice(sink):
    sink.open(SIZE, Fraction(30))
    frame = Frame.filled(SIZE, (90, 110, 140))
    for index in range(5):
        frame.id, frame.captured_ns = index, index * 33_333_333
        before = frame.data.copy()
        sink.send(frame)
        assert (frame.data == before).all()
    sink.close()
    sink.close()


def test_opens_again_after_closing(sink):
    for _ in range(2):
        sink.open(SIZE, Fraction(30))
        sink.send(Frame.filled(SIZE, (90, 110, 140)))
        sink.close()


def test_says_whom_it_serves(sink):
    assert sink.name
    assert isinstance(sink.is_camera, bool)
    sink.open(SIZE, Fraction(30))
    outputs = sink.outputs(in_use=True)
    assert outputs
    assert all(output.in_use and output.trouble is None for output in outputs)
    sink.send(Frame.filled(SIZE, (90, 110, 140)))
    assert sink.settle(5)
    sink.close()


@pytest.mark.parametrize("kind", ["mp4", "pictures"])
def test_an_unwritable_place_is_told_at_once(kind, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OutputUnwritable) as caught:
        SINKS[kind](blocked).open(SIZE, Fraction(30))
    assert caught.value.hint
    assert blocked.read_text() == "in the way"
