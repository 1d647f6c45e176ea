"""The camera source against a real driver."""

import subprocess
import sys
import threading
import time
from fractions import Fraction

import pytest

from segcam.errors import CameraBusy, CameraLost, CameraNotFound
from segcam.frame import Frame
from segcam.source import camera_v4l2
from segcam.source.camera import Camera, list_cameras
from segcam.source.cameras_v4l2 import look
from segcam.source.pixels import AV_FORMATS

SIZE = (360, 640)
DISCONNECT, DROPPED_PERCENT = "disconnect", "percentage_of_dropped_buffers"

# 75 % colour bars in BT.601: white, yellow, cyan, green, magenta, red, blue, black.
BARS = [
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
    (16, 128, 128),
]


def inject(webcam, control, value=1):
    command = ["v4l2-ctl", "-d", webcam, "-c", f"{control}={value}"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def camera(webcam):
    camera = Camera(webcam, SIZE, Fraction(25))
    yield camera
    camera.close()


def bars(frame):
    """The colours at the middle of each bar."""
    columns = [(2 * index + 1) * frame.size[1] // 16 for index in range(8)]
    height = frame.size[0] * 3 // 4
    return [
        (
            int(frame.y[height, x]),
            int(frame.u[height // 2, x // 2]),
            int(frame.v[height // 2, x // 2]),
        )
        for x in columns
    ]


def read_on(camera, frame):
    while camera.read(frame):
        pass


@pytest.mark.parametrize("size", [SIZE, (480, 640), (720, 1280)])
def test_what_a_camera_delivers_is_known_before_it_is_started(webcam, size):
    camera = Camera(webcam, size, Fraction(25))
    expected = look(webcam, size, Fraction(25))
    try:
        assert camera.open() == expected
    finally:
        camera.close()


def assert_bars(frame, tolerance=4):
    for seen, wanted in zip(bars(frame), BARS, strict=True):
        assert all(abs(a - b) <= tolerance for a, b in zip(seen, wanted, strict=True)), seen


def test_it_is_listed_and_the_own_output_is_not(webcam, loopback):
    assert [(c.index, c.name, c.driver) for c in list_cameras()] == [(0, "vivid", "vivid")]
    with pytest.raises(CameraNotFound):
        Camera(loopback).open()


def test_frames_have_size_color_order_and_time(camera):
    info = camera.open()
    assert (info.name, info.size, info.live) == ("vivid", SIZE, True)
    frame, last_ns = Frame.empty((2, 2)), 0
    for count in range(10):
        assert camera.read(frame)
        assert (frame.id, frame.cut, frame.size) == (count, count == 0, SIZE)
        assert last_ns < frame.captured_ns <= time.monotonic_ns()
        last_ns = frame.captured_ns
    assert_bars(frame)


@pytest.mark.parametrize("fourcc", [name for name in AV_FORMATS if name != "GREY"])
def test_every_raw_format_gives_the_same_colors(camera, monkeypatch, fourcc):
    choose = camera_v4l2.choose_mode
    only = lambda modes, *wish: choose([m for m in modes if m.fourcc == fourcc], *wish)  # noqa: E731
    monkeypatch.setattr(camera_v4l2, "choose_mode", only)
    camera.open()
    frame = Frame.empty(SIZE)
    assert camera.read(frame)
    assert_bars(frame, tolerance=6)


def test_the_rate_is_kept(camera):
    rate_hz = float(camera.open().rate_hz)
    frame = Frame.empty(SIZE)
    camera.read(frame)
    start, first = time.monotonic(), frame.id
    while time.monotonic() - start < 3:
        camera.read(frame)
    seen_hz = (frame.id - first) / (time.monotonic() - start)
    print(f"{seen_hz:.1f} of {rate_hz:.1f} frames a second, {camera.skipped} skipped")
    assert seen_hz > 0.5 * rate_hz  # an emulated processor


def test_a_camera_in_use_names_its_holder(camera, webcam):
    camera.open()
    camera.read(Frame.empty(SIZE))
    with pytest.raises(CameraBusy, match="python"):
        Camera(webcam, SIZE).open()


def test_pulling_the_plug_is_noticed_and_putting_it_back_works(camera, webcam):
    camera.open()
    frame = Frame.empty(SIZE)
    camera.read(frame)
    inject(webcam, DISCONNECT)
    start = time.monotonic()
    with pytest.raises(CameraLost):
        read_on(camera, frame)
    assert time.monotonic() - start < 1
    camera.close()  # vivid comes back when its last user left
    camera.open()
    assert camera.read(frame)


def test_a_frozen_camera_is_given_up(camera, webcam):
    camera.open()
    frame = Frame.empty(SIZE)
    camera.read(frame)
    inject(webcam, DROPPED_PERCENT, 100)
    start = time.monotonic()
    try:
        with pytest.raises(CameraLost, match="No readable picture"):
            read_on(camera, frame)
    finally:
        inject(webcam, DROPPED_PERCENT, 0)
    assert 0.9 < time.monotonic() - start < 3
    camera.open()
    assert camera.read(frame)


def test_a_wait_can_be_interrupted(camera, webcam):
    camera.open()
    inject(webcam, DROPPED_PERCENT, 100)
    try:
        timer = threading.Timer(0.3, camera.interrupt)
        timer.start()
        frame, start = Frame.empty(SIZE), time.monotonic()
        read_on(camera, frame)
        assert time.monotonic() - start < 2
    finally:
        inject(webcam, DROPPED_PERCENT, 0)
        timer.join()


def test_it_opens_and_closes_again_and_again(camera):
    frame = Frame.empty(SIZE)
    for _ in range(5):
        camera.open()
        assert camera.read(frame)
        camera.close()


def test_a_killed_program_leaves_the_camera_free(camera, webcam):
    code = f"""
from segcam.frame import Frame
from segcam.source.camera import Camera
camera, frame = Camera({webcam!r}), Frame.empty((2, 2))
camera.open()
camera.read(frame)
print("reading", flush=True)
while camera.read(frame):
    pass
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"reading\n"
        process.kill()
    camera.open()
    assert camera.read(Frame.empty(SIZE))
