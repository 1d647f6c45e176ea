"""The programs people watch with, each on the virtual camera of a real kernel."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

SIZE = (180, 320)
FRAMES = 5
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
# The writer's frames and the placeholder as BT.601 turns them into RGB.
RGB_150, RGB_100, RGB_PLACEHOLDER = (191, 145, 120), (133, 87, 61), (57, 111, 30)
TOLERANCE = 8


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
    with write(150):
        command = command_line(client, loopback, file)
        subprocess.run(command, check=True, timeout=90, stdin=subprocess.DEVNULL)
    recorded = np.fromfile(file, np.uint8).reshape(-1, *SIZE, 2)
    assert len(recorded) == FRAMES
    last = recorded[-1]
    assert set(np.unique(last[:, :, 0])) == {150}
    assert (set(np.unique(last[:, 0::2, 1])), set(np.unique(last[:, 1::2, 1]))) == ({110}, {150})


def test_opencv_sees_the_colors(loopback, write):
    with write(150):
        capture = cv2.VideoCapture(loopback, cv2.CAP_V4L2)
        for _ in range(FRAMES):
            read, bgr = capture.read()
            assert read
        capture.release()
    assert bgr.shape == (*SIZE, 3)
    assert_color(bgr.reshape(-1, 3).mean(axis=0)[::-1], RGB_150)


@pytest.mark.skipif(CHROMIUM is None, reason="chromium-headless-shell is not installed")
def test_a_browser_keeps_its_track_across_a_crash(write, tmp_path):
    with write(150) as first, browser(tmp_path) as page:
        seen = page.until(lambda seen: is_color(seen, RGB_150))
        assert (seen["label"], tuple(seen["size"])) == ("SegCam", SIZE)
        first.kill()
        first.wait()
        page.until(lambda seen: is_color(seen, RGB_PLACEHOLDER))
        with write(100):
            seen = page.until(lambda seen: is_color(seen, RGB_100))
            assert seen["state"] == "live"


def is_color(seen, rgb):
    return max(abs(a - b) for a, b in zip(seen["color"], rgb, strict=True)) <= TOLERANCE


def assert_color(seen, rgb):
    assert np.abs(np.asarray(seen) - rgb).max() <= TOLERANCE, (seen, rgb)


class Page:
    """What the browser's page told last."""

    def __init__(self) -> None:
        self.told = threading.Condition()
        self.seen: dict = {}

    def until(self, wanted, timeout_s=120):
        """Wait until the page sees what is ``wanted``."""
        deadline = time.monotonic() + timeout_s
        with self.told:
            while not ("color" in self.seen and wanted(self.seen)):
                assert "error" not in self.seen, self.seen
                assert self.told.wait(deadline - time.monotonic()), f"only saw {self.seen}"
            return self.seen


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Chromium on watch.html."""
    page = Page()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((Path(__file__).parent / "watch.html").read_bytes())

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with page.told:
                page.seen = json.loads(body)
                page.told.notify_all()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = (
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"),
            *("--disable-background-networking", f"--user-data-dir={folder}"),
        )
        address = f"http://127.0.0.1:{server.server_port}/"
        process = subprocess.Popen(
            [str(CHROMIUM), *flags, address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield page
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # another of its processes has the camera
            process.wait()
            server.shutdown()
