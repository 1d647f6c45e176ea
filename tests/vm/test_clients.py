"""The programs people watch with, each on the virtual camera of a real kernel."""

import shutil
import subprocess
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from watching import bars
from watching.browsers import chromium_shell
from watching.page import running, serving

from segcam.color import i420_to_yuyv

SIZE = (180, 320)
FRAMES = 5
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PLACEHOLDER = (90, 100, 110)


def command_line(client, device, file):
    """How each program records FRAMES of YUYV to a file."""
    return {
        "v4l2-ctl": f"v4l2-ctl -d {device} --stream-mmap --stream-count={FRAMES} "
        f"--stream-to={file}",
        "ffmpeg": f"ffmpeg -nostdin -v error -f v4l2 -i {device} -frames:v {FRAMES} "
        f"-f rawvideo -pix_fmt yuyv422 {file}",
        "gst-launch-1.0": f"gst-launch-1.0 -q v4l2src device={device} num-buffers={FRAMES} ! "
        f"video/x-raw,format=YUY2 ! filesink location={file}",
    }[client].split()


@pytest.mark.parametrize("client", ["v4l2-ctl", "ffmpeg", "gst-launch-1.0"])
def test_recorders_get_every_byte(loopback, write, tmp_path, client):
    if not shutil.which(client):
        pytest.skip(f"{client} is not installed")
    file = tmp_path / "recorded"
    with write("bars"):
        command = command_line(client, loopback, file)
        subprocess.run(command, check=True, timeout=90, stdin=subprocess.DEVNULL)
    recorded = np.fromfile(file, np.uint8).reshape(-1, *SIZE, 2)
    assert len(recorded) == FRAMES
    np.testing.assert_array_equal(recorded[-1], yuyv(bars.picture(SIZE)))


def yuyv(frame):
    """The frame as it travels: uint8 (H, W, 2)."""
    packed = np.empty((*frame.size, 2), np.uint8)
    i420_to_yuyv(frame, packed)
    return packed


def test_opencv_sees_the_colors(loopback, write):
    with write("bars"):
        capture = cv2.VideoCapture(loopback, cv2.CAP_V4L2)
        for _ in range(FRAMES):
            read, bgr = capture.read()
            assert read
        capture.release()
    assert bgr.shape == (*SIZE, 3)
    width = SIZE[1] // 8
    middles = [bgr[:, width * bar + 4 : width * (bar + 1) - 4] for bar in range(8)]
    colors = [middle.mean(axis=(0, 1))[::-1] for middle in middles]
    assert bars.same(colors, bars.COLORS), colors


def test_a_program_that_goes_by_what_the_driver_tells_sees_the_colors(loopback, write, tmp_path):
    if not shutil.which("gst-launch-1.0"):
        pytest.skip("gst-launch-1.0 is not installed")
    size, file = (720, 1280), tmp_path / "recorded"  # without being told it takes it for BT.709
    pipeline = (
        f"v4l2src device={loopback} num-buffers=2 ! video/x-raw,format=YUY2 ! videoconvert ! "
        f"video/x-raw,format=RGB ! filesink location={file}"
    )
    with write("bars", size):
        command = ["gst-launch-1.0", "-q", *pipeline.split()]
        subprocess.run(command, check=True, timeout=90, stdin=subprocess.DEVNULL)
    rgb = np.fromfile(file, np.uint8).reshape(-1, *size, 3)[-1]
    colors = [rgb[360, size[1] // 16 * (2 * bar + 1)] for bar in range(8)]
    assert bars.same(np.float64(colors), bars.COLORS), colors


@contextmanager
def browser(folder):
    """Chromium on our page."""
    with serving() as page:
        command = chromium_shell(folder, page.address, CHROMIUM)
        with running(command, folder / "browser.log"):
            yield page


def shows(colors):
    return lambda seen: bars.same(seen["colors"], colors)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium-headless-shell is not installed")
def test_a_browser_keeps_its_track_across_a_crash(write, tmp_path):
    with write("bars") as first, browser(tmp_path) as page:
        seen = page.until(shows(bars.COLORS))
        assert (seen["label"], tuple(seen["size"])) == ("SegCam", SIZE)
        first.kill()
        first.wait()
        page.until(shows(bars.plain(PLACEHOLDER)))
        with write("bars"):
            seen = page.until(shows(bars.COLORS))
            assert seen["state"] == "live"
