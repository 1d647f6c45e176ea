import errno
import mmap
import os
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")

from segcam.errors import CameraBusy, CameraLost, CameraNotFound  # noqa: E402
from segcam.source.camera_v4l2 import Camera  # noqa: E402
from segcam.source.cameras import CameraInfo  # noqa: E402
from segcam.source.cameras_v4l2 import refusal  # noqa: E402
from segcam.source.stream import Stream  # noqa: E402
from segcam.v4l2 import abi  # noqa: E402

LATER_NS = 2_000_000_000


class Driver:
    """A device whose buffers a test fills: what a V4L2 node does, over a pipe."""

    def __init__(self) -> None:
        self.fd, self._fill = os.pipe2(os.O_NONBLOCK)
        self.filled: list[abi.Buffer] = []
        self.queued: list[int] = []
        self.gone = False

    def fill(self, index: int, content: bytes = b"x", flags: int = 0) -> None:
        buffer = abi.Buffer(index=index, bytesused=len(content), flags=flags)
        self.queued.remove(index)
        self.filled.append(buffer)
        os.write(self._fill, b"!")

    def request_buffers(self, kind: int, count: int) -> int:
        return count

    def map_buffer(self, kind: int, index: int) -> mmap.mmap:
        memory = mmap.mmap(-1, 4096)
        memory[:1] = bytes([index])
        return memory

    def queue(self, kind: int, index: int) -> None:
        self.queued.append(index)

    def dequeue(self, kind: int) -> abi.Buffer | None:
        if self.gone:
            raise OSError(errno.ENODEV, "No such device")
        if not self.filled:
            return None
        os.read(self.fd, 1)
        return self.filled.pop(0)

    def stream_on(self, kind: int) -> None:
        self.streaming = True

    def stream_off(self, kind: int) -> None:
        self.streaming = False

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._fill)


@pytest.fixture
def wake():
    fd = os.eventfd(0, os.EFD_NONBLOCK)
    yield fd
    os.close(fd)


@pytest.fixture
def opened(wake):
    driver = Driver()
    stream = Stream(driver, wake)
    stream.start()
    yield driver, stream
    stream.close()


def soon() -> int:
    return time.monotonic_ns() + LATER_NS


def test_the_newest_wins_and_the_others_go_back(opened):
    driver, stream = opened
    for index in (0, 1, 2):
        driver.fill(index)
    with stream.newest(soon()) as buffer:
        assert buffer.data[0] == 2
        assert sorted(driver.queued) == [0, 1, 3]
    assert sorted(driver.queued) == [0, 1, 2, 3]
    assert stream.skipped == 2


def test_those_that_are_left_out_are_shown_in_order_before(wake):
    driver, shown = Driver(), []
    stream = Stream(driver, wake, lambda data: shown.append(bytes(data)))
    stream.start()
    for index in (0, 1, 2):
        driver.fill(index)
    with stream.newest(soon()) as buffer:
        assert (shown, bytes(buffer.data)) == ([b"\0", b"\1"], b"\2")
    stream.close()


def test_buffers_that_the_driver_calls_broken_are_passed_over(opened):
    driver, stream = opened
    driver.fill(0)
    driver.fill(1, flags=abi.BUF_FLAG_ERROR)
    driver.fill(2, content=b"")
    with stream.newest(soon()) as buffer:
        assert buffer.data[0] == 0
    assert stream.skipped == 2


def test_a_monotonic_stamp_is_believed_but_never_the_future(opened):
    driver, stream = opened
    driver.fill(0, flags=abi.BUF_FLAG_TIMESTAMP_MONOTONIC)
    driver.filled[0].timestamp_s, driver.filled[0].timestamp_us = 1, 500
    with stream.newest(soon()) as buffer:
        assert buffer.captured_ns == 1_000_500_000
    driver.fill(1, flags=abi.BUF_FLAG_TIMESTAMP_MONOTONIC)
    driver.filled[0].timestamp_s = 1 << 40
    with stream.newest(soon()) as buffer:
        assert buffer.captured_ns <= time.monotonic_ns()


def test_silence_ends_at_the_deadline(opened):
    _, stream = opened
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        stream.newest(time.monotonic_ns() + 50_000_000)
    assert 0.04 < time.monotonic() - start < 20


def test_waking_ends_a_wait_from_another_thread(opened, wake):
    _, stream = opened
    timer = threading.Timer(0.05, os.eventfd_write, (wake, 1))
    timer.start()
    assert stream.newest(soon()) is None
    timer.join()


def test_an_unplugged_camera_is_an_error(opened):
    driver, stream = opened
    driver.fill(0)
    driver.gone = True
    with pytest.raises(OSError, match="No such device"):
        stream.newest(soon())


def test_a_camera_that_is_not_there_is_not_found():
    with pytest.raises(CameraNotFound):
        Camera("/dev/no-such-camera").open()


def test_a_camera_that_is_not_open_cannot_be_read_but_closed_twice():
    camera = Camera()
    camera.interrupt()
    camera.close()
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(None)


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.EBUSY, CameraBusy, "is using it"),
        (errno.EACCES, CameraNotFound, "group video"),
        (errno.ENODEV, CameraLost, "cable"),
        (errno.ENOSPC, CameraBusy, "USB"),
    ],
)
def test_what_the_system_refuses_is_said_with_its_cure(number, kind, said):
    camera = CameraInfo(0, "/dev/video0", "", "Webcam")
    error = refusal(camera, OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert said in str(error)
