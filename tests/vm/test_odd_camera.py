"""A camera with nothing but odd pixel formats, from the start and in mid-call."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.processes import SEGCAM
from support.waiting import wait_until
from vm.conftest import load_loopback, unload_loopback
from vm.odd_camera import H264_LUMA, RED, SIZE
from vm.test_daemon import START_S, model
from vm.test_demand import (
    RATE_HZ,
    SLOW_S,
    CountingCamera,
    is_live,
    is_placeholder,
    run,
)

from segcam.errors import CameraLost
from segcam.frame import Frame
from segcam.source.camera import Camera

__all__ = ["model", "run"]
PATH = "/dev/video11"


@pytest.fixture(scope="module", autouse=True)
def _second_device(loopback):
    unload_loopback()
    load_loopback("SegCam", "Odd")
    yield
    unload_loopback()
    load_loopback("SegCam")


@contextmanager
def showing(fourcc):
    """The camera is plugged in and offers this format alone."""
    here = Path(__file__).parent
    with subprocess.Popen(
        [sys.executable, str(here / "odd_camera.py"), PATH, fourcc],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(here.parent)},
    ) as process:
        try:
            assert process.stdout.readline() == "writing\n"
            yield
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("fourcc", "yuv"),
    [
        ("GREY", (16 + 180 * 219 / 255, 128, 128)),  # full range
        ("RGBP", RED),
    ],
)
def test_what_can_be_read_is(fourcc, yuv):
    camera, frame = Camera("Odd", SIZE, RATE_HZ), Frame.empty(SIZE)
    with showing(fourcc):
        camera.open()
        assert camera.read(frame)
        camera.close()
    seen = [int(plane[plane.shape[0] // 2, 2]) for plane in frame.planes]
    assert all(abs(a - b) < 6 for a, b in zip(seen, yuv, strict=True)), seen


def test_a_camera_of_h264_alone_is_read_picture_by_picture():
    """Opened anywhere between two pictures that need none before them."""
    camera, frame, seen = Camera("Odd", SIZE, RATE_HZ), Frame.empty(SIZE), []
    with showing("H264"):
        for _ in range(3):
            camera.open()
            for _ in range(2 * len(H264_LUMA)):
                assert camera.read(frame)
                seen.append([int(plane[plane.shape[0] // 2, 2]) for plane in frame.planes])
            camera.close()
    print(seen)
    lumas = {min(H264_LUMA, key=lambda luma: abs(luma - y)) for y, _, _ in seen}
    right = [yuv for yuv in seen if min(abs(luma - yuv[0]) for luma in H264_LUMA) < 4]
    assert all(abs(u - RED[1]) < 6 and abs(v - RED[2]) < 6 for _, u, v in seen)
    assert len(lumas) > len(H264_LUMA) // 2
    assert len(right) > 0.9 * len(seen)


def test_what_cannot_be_read_is_told_with_its_cure_at_the_start():
    command = [SEGCAM, "run", "--camera", "Odd", "--backend", "null", "--output", "null"]
    with showing("BA81"):
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "1000"},
        )
    assert done.returncode == 1
    paragraph = done.stderr.strip().splitlines()[-1]
    for part in (
        "cannot read the camera's pixel formats",
        "It offers BA81",
        "Choose another camera",
    ):
        assert part in paragraph


def test_odd_formats_in_mid_call_leave_a_placeholder_until_they_are_better(run, watch):
    camera = CountingCamera("Odd", SIZE, RATE_HZ)
    with ExitStack() as call:
        with showing("YUYV"):
            pipeline = call.enter_context(run(camera))
            reader = call.enter_context(watch())
            reader.until(is_live)
        placeholder_s = reader.until(is_placeholder)
        with showing("BA81"):
            wait_until(lambda: "BA81" in str(pipeline.trouble))
            assert isinstance(pipeline.trouble, CameraLost)
            opened, start = camera.opened, time.monotonic()
            while time.monotonic() - start < 6:
                assert is_placeholder(reader.next(1.5)), "placeholders keep the track alive"
            tried = camera.opened - opened
        with showing("YUYV"):
            back_s = reader.until(is_live)
        print(f"placeholder {placeholder_s:.2f} s, {tried} tries in 6 s, live after {back_s:.2f} s")
    assert 1 <= tried < 20, "no spin"
    assert back_s < SLOW_S
