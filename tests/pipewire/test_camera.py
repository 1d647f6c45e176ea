"""The PipeWire sink in a real session, watched by GStreamer."""

import json
import re
import subprocess
import threading
import time
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest
from support.waiting import LIMIT_S, until, wait_until

from segcam.color import i420_to_yuyv
from segcam.errors import DeviceMissing, SinkLost
from segcam.frame import Frame
from segcam.sink.pipewire import PipeWireSink

SIZE = (180, 320)
RATE_HZ = Fraction(30)


@pytest.fixture
def sink(session):
    sink = PipeWireSink()
    sink.open(SIZE, RATE_HZ)
    yield sink
    sink.close()


@contextmanager
def feeding(sink, sent):
    """Frames of noise at 30 Hz from a thread; what was sent is kept."""
    stop, random = threading.Event(), np.random.default_rng(7)
    failure = []

    def feed():
        frame, packed = Frame.empty(SIZE), np.empty((*SIZE, 2), np.uint8)
        try:
            while not stop.wait(1 / 30):
                frame.data[:] = random.integers(0, 256, frame.data.shape, np.uint8)
                if sink.streaming:
                    i420_to_yuyv(frame, packed)
                    sent.append(packed.tobytes())
                sink.send(frame)
        except SinkLost as error:
            failure.append(error)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield failure
    finally:
        stop.set()
        thread.join()


def send_for_5_s(sink):
    black, deadline = Frame.filled(SIZE, (16, 128, 128)), time.monotonic() + 5
    while time.monotonic() < deadline:
        sink.send(black)


def recorder(file, frames, form=""):
    """A program that records this many frames of the camera, in one of GStreamer's formats."""
    caps = f"video/x-raw,format={form}" if form else "video/x-raw"
    pipeline = f"pipewiresrc target-object=segcam num-buffers={frames} ! {caps} ! filesink"
    command = f"gst-launch-1.0 -q {pipeline} location={file}".split()
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def record(file, frames, form=""):
    with recorder(file, frames, form) as process:
        assert process.wait(LIMIT_S) == 0
    return file.read_bytes()


def node(session, name="segcam"):
    """A camera's properties as programs see them, None where it is not there."""
    for entry in json.loads(session.dump() or "[]"):
        properties = (entry.get("info") or {}).get("props") or {}
        if properties.get("node.name") == name:
            return properties
    return None


def test_programs_find_a_camera_by_the_name_of_segcam(session, sink):
    properties = node(session)
    assert properties["node.description"] == "SegCam"
    assert properties["media.class"] == "Video/Source"
    assert properties["media.role"] == "Camera"
    sink.close()
    assert node(session) is None


def test_a_second_camera_is_told_apart_by_its_name(session, sink):
    second = PipeWireSink(camera_name='Büro "2" {} \\')
    second.open(SIZE, RATE_HZ)
    properties = node(session, "büro-2")
    assert properties["node.description"] == 'Büro "2" {} \\'
    assert properties["object.serial"] != node(session)["object.serial"]
    second.close()
    assert node(session, "büro-2") is None
    assert node(session) is not None


def test_it_tells_when_a_viewer_comes_and_goes(sink, tmp_path):
    told = threading.Event()
    assert sink.notify(told.set)
    with recorder(tmp_path / "read", 1000) as process:
        assert told.wait(LIMIT_S)
        wait_until(sink.in_use, "a viewer")
        told.clear()
        process.kill()
    assert told.wait(LIMIT_S)
    wait_until(lambda: not sink.in_use(), "its end")


def test_viewers_are_told_while_pipewire_hangs(session, sink, tmp_path):
    assert sink.viewers() == []
    with feeding(sink, []), recorder(tmp_path / "read", 1000) as process:
        wait_until(lambda: sink.viewers() == ["gst-launch-1.0"], "the viewer")
        with session.halted():
            assert sink.viewers() == ["gst-launch-1.0"]
        process.kill()
        wait_until(lambda: sink.viewers() == [], "its end")


def test_programs_are_told_the_colours(session, sink, tmp_path):
    with feeding(sink, []), recorder(tmp_path / "read", 1000) as process:
        wait_until(lambda: sink.streaming, "a viewer")
        taken = node(session, "gst-launch-1.0")["object.id"]
        command = ["pw-cli", "enum-params", str(taken), "Format"]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        process.kill()
    found = re.findall(r":(color\w+) \(\d+\), flags \d+\s+Id (\d+)", told)
    limited, bt601 = "2", "4"  # as spa/param/video/color.h counts them
    assert dict(found).items() >= {"colorRange": limited, "colorMatrix": bt601}.items()


def test_every_byte_arrives_in_order(sink, tmp_path):
    sent = []
    with feeding(sink, sent):
        data = record(tmp_path / "read", 10)
    length = SIZE[0] * SIZE[1] * 2
    frames = [data[start : start + length] for start in range(0, len(data), length)]
    assert len(frames) == 10
    places = [sent.index(frame) for frame in frames]
    assert places == sorted(set(places))


def test_a_program_that_takes_webcams_most_common_format_alone_watches_beside_others(
    sink, tmp_path
):
    """OBS has it, and nothing else that browsers have, too; all viewers get the same."""
    with feeding(sink, []), recorder(tmp_path / "browser", 1000) as process:
        wait_until(lambda: sink.streaming, "a viewer")
        assert record(tmp_path / "obs", 3, "YUY2")
        process.kill()


def test_it_says_whether_anybody_watches_and_they_come_and_go(sink, tmp_path):
    with feeding(sink, []) as failure:
        for turn in range(3):
            assert not sink.streaming
            record(tmp_path / f"read{turn}", 3)
            until(lambda: not sink.streaming)
        assert not failure


def test_a_killed_program_does_no_harm(sink, tmp_path):
    with feeding(sink, []):
        with recorder(tmp_path / "killed", 1000) as process:
            until(lambda: sink.streaming)
            process.kill()
        assert record(tmp_path / "read", 3)


def test_frames_of_another_size_are_fitted(sink, tmp_path):
    stop = threading.Event()
    white = Frame.filled((360, 640), (235, 128, 128))

    def feed():
        while not stop.wait(1 / 30):
            sink.send(white)

    thread = threading.Thread(target=feed)
    thread.start()
    data = record(tmp_path / "read", 2)
    stop.set()
    thread.join()
    assert data[: 2 * SIZE[0] * SIZE[1]] == b"\xeb\x80" * (SIZE[0] * SIZE[1])


def test_it_notices_that_pipewire_ended_and_is_back_after_it(session, sink, tmp_path):
    session.stop()
    with pytest.raises(SinkLost):
        send_for_5_s(sink)
    with pytest.raises(DeviceMissing, match="is not running"):
        sink.open(SIZE, RATE_HZ)
    session.start()
    sink.open(SIZE, RATE_HZ)
    with feeding(sink, []):
        assert record(tmp_path / "read", 2)


def test_it_opens_and_closes_again_and_again(session, sink):
    for _ in range(30):
        sink.open(SIZE, RATE_HZ)
        sink.close()
        sink.close()
    assert node(session) is None
