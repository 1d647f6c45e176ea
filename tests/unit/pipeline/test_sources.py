"""Size and rate of a live source are known before its start."""

import sys
import threading
import time
from fractions import Fraction

import numpy as np
import pytest
from av import VideoFrame
from support.clips import write_clip

from segcam.errors import CameraNotFound
from segcam.pipeline import sources
from segcam.pipeline.assemble import expected_info
from segcam.settings import Settings
from segcam.source.base import SourceInfo
from segcam.source.clip import Clip

needs_v4l2 = pytest.mark.skipif(sys.platform != "linux", reason="cameras are asked through V4L2")


@pytest.fixture
def clip(tmp_path):
    picture = VideoFrame.from_ndarray(np.full((180, 160), 90, np.uint8), format="yuv420p")
    return str(write_clip(tmp_path / "small.mkv", [picture] * 3, rate_hz=25))


def seen(**settings):
    info = expected_info(Settings(**settings))
    assert info.live
    return info.size, info.rate_hz


@pytest.fixture
def webcam(monkeypatch):
    """Says what a webcam that was asked for this tells, or does."""

    def become(look):
        monkeypatch.setattr("segcam.source.cameras_v4l2.look", look)

    return become


def test_a_clip_is_expected_in_its_own_size_and_rate(clip):
    assert seen(camera=clip) == ((120, 160), 25)


def test_what_was_asked_for_is_expected_of_any_source(clip, webcam):
    webcam(lambda *_: SourceInfo("small", (360, 640), Fraction(15), live=True))
    for camera in (clip, "first", "demo", "pattern"):
        assert seen(camera=camera, size="640x480", fps=20) == ((480, 640), 20)


@needs_v4l2
def test_a_webcam_is_asked_for_what_is_wanted(webcam):
    asked = []

    def look(*wanted):
        asked.append(wanted)
        return SourceInfo("small", (480, 640), Fraction(15), live=True)

    webcam(look)
    assert seen(camera="first") == ((480, 640), 15)
    assert seen(camera="Logi") == ((480, 640), 15)
    assert asked == [(None, (720, 1280), 30), ("Logi", (720, 1280), 30)]


def test_a_source_that_is_not_there_is_expected_as_asked_for(webcam, tmp_path):
    def look(*_):
        raise CameraNotFound("no camera")

    webcam(look)
    assert seen(camera="first") == ((720, 1280), 30)
    assert seen(camera=str(tmp_path / "lost.mp4")) == ((720, 1280), 30)


def test_a_clip_has_the_time_that_importing_ffmpeg_takes(clip, monkeypatch):
    opened = Clip.open
    monkeypatch.setattr(Clip, "open", lambda self: (time.sleep(0.2), opened(self))[1])
    monkeypatch.setattr(sources, "LOOK_S", 0.01)
    assert seen(camera=clip) == ((120, 160), 25)


@needs_v4l2
def test_a_camera_that_does_not_answer_costs_viewers_half_a_second(webcam, monkeypatch):
    answer = threading.Event()
    webcam(lambda *_: answer.wait(60))
    monkeypatch.setattr(sources, "LOOK_S", 0.01)
    assert seen(camera="first") == ((720, 1280), 30)
    assert not answer.is_set(), "nobody waited"
    answer.set()
