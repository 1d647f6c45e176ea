"""The V4L2 sink against a real v4l2loopback."""

import hashlib
import subprocess
import time
from contextlib import ExitStack
from fractions import Fraction

import numpy as np
import pytest

from segcam.color import i420_to_nv12, i420_to_yuyv
from segcam.errors import DeviceBusy
from segcam.frame import Frame
from segcam.sink.loopback import find_loopback
from segcam.sink.v4l2 import V4l2Sink
from segcam.sink.virtualcam import VirtualCamSink
from segcam.v4l2.device import Device

SIZE = (180, 320)
RATE_HZ = Fraction(25)
PLACEHOLDER = (90, 100, 110)


@pytest.fixture
def sink(loopback):
    sink = V4l2Sink(placeholder=Frame.filled(SIZE, PLACEHOLDER))
    yield sink
    sink.close()


def plain(luma, size=SIZE):
    return Frame.filled(size, (luma, 60, 210))


def is_placeholder(data):
    return data[:4] == bytes((90, 100, 90, 110)) and len(set(data[0::2])) == 1


def is_luma(value):
    return lambda data: data[0] == value


def packed(frame, pixel_format):
    height, width = frame.size
    if pixel_format == "YUYV":
        out = np.empty((height, width, 2), np.uint8)
        i420_to_yuyv(frame, out)
    else:
        out = np.empty((height * 3 // 2, width), np.uint8)
        i420_to_nv12(frame, out) if pixel_format == "NV12" else np.copyto(out, frame.data)
    return out.tobytes()


@pytest.mark.parametrize("pixel_format", ["YUYV", "I420", "NV12"])
def test_every_byte_arrives(loopback, tmp_path, pixel_format):
    sink = V4l2Sink(placeholder=plain(30), pixel_format=pixel_format)
    sink.open(SIZE, RATE_HZ)
    assert sink.name == loopback
    random = np.random.default_rng(5)
    noise = Frame.empty(SIZE)
    sent = {hashlib.sha256(packed(plain(30), pixel_format)).digest()}
    file, length = tmp_path / "read", len(packed(noise, pixel_format))
    command = ["v4l2-ctl", "-d", loopback, "--stream-mmap=3", "--stream-count=10"]
    with subprocess.Popen(
        [*command, f"--stream-to={file}"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as reader:
        while reader.poll() is None:
            noise.data[:] = random.integers(0, 256, noise.data.shape, np.uint8)
            sent.add(hashlib.sha256(packed(noise, pixel_format)).digest())
            sink.send(noise)
            time.sleep(0.02)
    sink.close()
    read = file.read_bytes()
    assert len(read) == 10 * length
    frames = [read[start : start + length] for start in range(0, len(read), length)]
    assert all(hashlib.sha256(frame).digest() in sent for frame in frames)
    assert len({hashlib.sha256(frame).digest() for frame in frames}) > 3


def test_a_killed_writer_shows_the_placeholder_and_comes_back(watch, write):
    with write(200) as writer, watch() as reader:
        reader.until(is_luma(200))
        writer.kill()
        writer.wait()
        frames = [reader.next(3) for _ in range(3)]
        assert all(is_placeholder(frame) or is_luma(200)(frame) for frame in frames)
        assert is_placeholder(frames[-1])
        with write(150):
            reader.until(is_luma(150))


def test_a_hung_writer_shows_the_placeholder(sink, watch):
    sink.open(SIZE, RATE_HZ)
    with watch() as reader:
        sink.send(plain(200))
        reader.until(is_luma(200))
        took_s = reader.until(is_placeholder, 4)
    print(f"placeholder after {took_s:.2f} s")
    assert took_s < 2.5


def test_a_new_reader_first_gets_the_placeholder(sink, watch):
    sink.open(SIZE, RATE_HZ)
    with watch() as reader:
        assert is_placeholder(reader.next())
    sink.send(plain(200))
    sink.close()
    sink.open(SIZE, RATE_HZ)
    with watch() as reader:
        assert is_placeholder(reader.next())


def test_it_opens_and_closes_a_hundred_times(sink, watch):
    start = time.monotonic()
    for count in range(100):
        sink.open(SIZE, RATE_HZ)
        sink.send(plain(count))
        sink.close()
    print(f"{(time.monotonic() - start) * 10:.0f} ms each")
    sink.open(SIZE, RATE_HZ)
    sink.send(plain(111))
    with watch() as reader:
        reader.until(is_luma(111))


def test_it_opens_after_every_kill(sink, write):
    for _ in range(3):
        with write(200) as writer:
            writer.kill()
    sink.open(SIZE, RATE_HZ)
    sink.send(plain(100))


def test_the_size_stays_while_somebody_watches(sink, watch):
    sink.open(SIZE, RATE_HZ)
    with watch() as reader:
        sink.close()
        sink.open((360, 640), RATE_HZ)
        sink.send(plain(77, (360, 640)))
        reader.until(is_luma(77))
        sink.send(plain(78, (360, 640)))
        frame = reader.next()
        assert len(frame) == SIZE[0] * SIZE[1] * 2
        assert set(frame[0::2]) == {78}


def test_a_second_writer_is_turned_away(sink):
    sink.open(SIZE, RATE_HZ)
    sink.send(plain(100))
    with pytest.raises(DeviceBusy, match="python"):
        V4l2Sink().open(SIZE, RATE_HZ)


def test_a_device_with_too_many_users_is_busy_not_missing(loopback):
    with ExitStack() as stack:
        for _ in range(10):  # the module's max_openers
            stack.enter_context(Device(loopback))
        with pytest.raises(DeviceBusy):
            find_loopback()


def test_it_is_a_camera_while_it_is_open(sink, loopback):
    sink.open(SIZE, RATE_HZ)
    with Device(loopback) as device:
        who = device.identity()
    assert (who.label, who.captures, who.outputs) == ("SegCam", True, False)


def test_pyvirtualcam_leaves_the_device_usable(loopback, sink, watch):
    for _ in range(2):
        other = VirtualCamSink(placeholder=Frame.filled(SIZE, PLACEHOLDER))
        other.open(SIZE, RATE_HZ)
        other.send(plain(100))
        other.close()
    sink.open(SIZE, RATE_HZ)
    sink.send(plain(99))
    with watch() as reader:
        reader.until(is_luma(99))
