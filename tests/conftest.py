"""Shared fixtures and doubles."""

from __future__ import annotations

import signal
import sys
import threading
from fractions import Fraction

import cv2
import hypothesis
import pytest
from support.waiting import LIMIT_S

from segcam import planes
from segcam.composite import blend
from segcam.errors import BackendFailed, CameraLost, CameraNotFound
from segcam.frame import F32, Frame, Size
from segcam.sink.base import Sink
from segcam.source import pattern, raw

# The time of an example means nothing on a busy machine, and a change is not to fail by an example
# that has nothing to do with it. make fuzz tries others.
hypothesis.settings.register_profile("segcam", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("segcam")

try:  # it ends pytest where Qt's system libraries are missing, so it is not loaded by itself
    import PySide6.QtWidgets  # noqa: F401

    pytest_plugins = ["pytestqt.plugin"]
except ImportError:
    pytest_plugins = []

# A background job of a script ignores Ctrl-C, and so would programs that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Used by --dist loadgroup, whose marks have no effect with pytest 9.2."""
    if config.option.dist != "loadgroup":
        return None
    from support.scheduling import ProgramsByFile

    return ProgramsByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    """Lift a test's limit of file sizes before pytest reports: its own output may be a file."""
    if sys.platform == "win32":
        return (yield)
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        return (yield)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture(autouse=True, scope="session")
def own_folders(tmp_path_factory):
    """Keep settings and logs of the tests apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGCAM_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(params=["libyuv", "OpenCV"])
def either_library(request, monkeypatch):
    """Runs a test with and without libyuv."""
    if request.param == "OpenCV":
        for module in (planes, blend, raw):
            monkeypatch.setattr(module, "LIBYUV", None)
    elif planes.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")


class FigureSegmenter:
    """Knows the true matte of every pattern frame; fails on given frames."""

    matte_size: Size = (72, 128)
    compiles = False

    def __init__(self) -> None:
        self.failing: set[int] = set()
        self.opened = 0
        self.open_now = False

    def open(self) -> None:
        self.opened += 1
        self.open_now = True

    def segment(self, frame: Frame, out: F32) -> bool:
        if frame.id in self.failing:
            raise BackendFailed("told to fail")
        truth = pattern.matte(frame.id, frame.size)
        small = cv2.resize(truth, self.matte_size[::-1], interpolation=cv2.INTER_AREA)
        out[:] = small / 255.0
        return True

    owes_look = False

    def look_around(self) -> None:
        pass

    def close(self) -> None:
        self.open_now = False


class PlainRefiner:
    """Only bilinear upsampling."""

    edges = "fast"

    def refine(self, coarse, frame, out):
        scaled = cv2.resize(coarse, frame.box.size[::-1], interpolation=cv2.INTER_LINEAR)
        out[:] = 0
        frame.box.of(out)[:] = (scaled * 255).round()

    def close(self):
        pass


class RecordingSink(Sink):
    """Keeps a copy of every frame for a viewer."""

    name = "recording"

    def __init__(self, is_camera: bool = True) -> None:
        self.is_camera = is_camera
        self.frames: list[Frame] = []
        self.size: Size | None = None
        self.got_frame = threading.Condition()
        self.closed = 0
        self.used = True

    def open(self, size: Size, rate_hz: Fraction) -> None:
        self.size = size

    def send(self, frame: Frame) -> None:
        copy = Frame.empty(frame.size)
        copy.copy_from(frame)
        with self.got_frame:
            self.frames.append(copy)
            self.got_frame.notify_all()

    def in_use(self) -> bool:
        return self.used

    def viewers(self) -> list[str]:
        return ["a test"] if self.used else []

    def close(self) -> None:
        self.closed += 1

    def wait_for(self, predicate, timeout_s: float = LIMIT_S) -> bool:
        with self.got_frame:
            return self.got_frame.wait_for(lambda: predicate(self.frames), timeout_s)


class LosableCamera:
    """The pattern as a camera that can be pulled out and plugged in."""

    def __init__(self, size: Size, rate_hz: Fraction = Fraction(60)) -> None:
        self._arguments = size, rate_hz
        self._pattern = pattern.Pattern(*self._arguments)
        self.pulled = threading.Event()
        self.count = 0

    def open(self):
        if self.pulled.is_set():
            raise CameraNotFound("not there")
        self._pattern = pattern.Pattern(*self._arguments)
        return self._pattern.open()

    def read(self, out: Frame) -> bool:
        if self.pulled.is_set():
            raise CameraLost("pulled out")
        more = self._pattern.read(out)
        self.count += 1
        return more

    def interrupt(self) -> None:
        self._pattern.interrupt()

    def close(self) -> None:
        self._pattern.close()


@pytest.fixture
def figure_segmenter() -> FigureSegmenter:
    return FigureSegmenter()


@pytest.fixture
def plain_refiner() -> PlainRefiner:
    return PlainRefiner()


@pytest.fixture
def recording_sink() -> RecordingSink:
    return RecordingSink()


@pytest.fixture
def losable_camera() -> LosableCamera:
    return LosableCamera((90, 160))
