from fractions import Fraction

import numpy as np
import pytest

from segcam.errors import CameraLost, CameraNotFound
from segcam.frame import Frame
from segcam.source import camera_opencv
from segcam.source.camera_opencv import Camera, list_cameras


class Webcams:
    """Stands in for cv2.VideoCapture: two red webcams of an odd width, which send 3 frames."""

    def __init__(self, index: int, api: int) -> None:
        self.index, self.left, self.open = index, 4, index < 2

    def isOpened(self) -> bool:  # noqa: N802
        return self.open

    def set(self, key: int, value: float) -> bool:
        return True

    def read(self):
        self.left -= 1
        if self.left < 0 or not self.open:
            return False, None
        return True, np.full((48, 65, 3), (0, 0, 255), np.uint8)

    def release(self) -> None:
        self.open = False


@pytest.fixture(autouse=True)
def webcams(monkeypatch):
    monkeypatch.setattr(camera_opencv.cv2, "VideoCapture", Webcams)


def test_cameras_are_listed_until_one_does_not_open():
    assert [camera.index for camera in list_cameras()] == [0, 1]


def test_frames_are_even_red_and_counted():
    camera, frame = Camera("1", (48, 65), Fraction(30)), Frame.empty((2, 2))
    info = camera.open()
    assert (info.name, info.size, info.live) == ("Camera 1", (48, 66), True)
    for count in range(3):
        assert camera.read(frame)
        assert (frame.id, frame.cut, frame.size) == (count, count == 0, (48, 66))
    assert [int(plane[20, 20]) for plane in frame.planes] == [82, 90, 240]
    with pytest.raises(CameraLost):
        camera.read(frame)
    camera.close()
    camera.close()


def test_an_interrupt_ends_reading_until_it_is_opened_again():
    camera, frame = Camera(), Frame.empty((2, 2))
    camera.open()
    camera.interrupt()
    assert not camera.read(frame)
    camera.open()
    assert camera.read(frame)


def test_a_camera_without_a_picture_is_not_found(monkeypatch):
    with pytest.raises(CameraNotFound, match="Camera 0"):
        Camera("brio").open()
    monkeypatch.setattr(Webcams, "read", lambda self: (False, None))
    with pytest.raises(CameraNotFound, match="in use"):
        Camera("0").open()
