"""The webcam is on while somebody watches the virtual camera, and comes and goes meanwhile."""

import subprocess
import time
from contextlib import ExitStack, contextmanager
from fractions import Fraction

import pytest
from support.waiting import wait_until

from segcam.composite.compositor import RoomShown
from segcam.composite.placeholder import draw_placeholder
from segcam.errors import CameraBusy, CameraLost
from segcam.pipeline.demand import Demand
from segcam.pipeline.pipeline import Pipeline
from segcam.sink.v4l2 import V4l2Sink
from segcam.source.base import SourceInfo
from segcam.source.camera import Camera
from segcam.source.pattern import Pattern
from segcam.v4l2.device import Device
from segcam.v4l2.nodes import holders

SIZE = (180, 320)
RATE_HZ = Fraction(15)
LINGER_S = 1.5
SLOW_S = 5
"""An emulated processor takes its time; natively all of this lasts a tenth of it."""


@pytest.fixture
def run(loopback, figure_segmenter, plain_refiner):
    """Starts a pipeline that shows what it sees: ``with run(source) as pipeline``."""

    @contextmanager
    def start(source, expected=None, **wishes):
        sink = V4l2Sink(placeholder=draw_placeholder(SIZE, "Camera is off"))
        pipeline = Pipeline(
            source,
            segmenters=[figure_segmenter],
            refiner=plain_refiner,
            compositor=RoomShown(),
            sink=sink,
            demand=Demand(**{"linger_s": LINGER_S, **wishes}),
            expected=expected,
        )
        with pipeline:
            pipeline.viewers = sink.viewers
            yield pipeline

    return start


@pytest.fixture
def camera(webcam):
    return CountingCamera(webcam, SIZE, RATE_HZ)


@contextmanager
def watching(device):
    """Another program that watches."""
    command = ["v4l2-ctl", "-d", device, "--stream-mmap", "--stream-count=0"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **quiet) as process:
        try:
            yield process
        finally:
            process.kill()


def is_placeholder(data):
    """A placeholder's chroma hardly varies; that of colour bars and of the pattern's wall does."""
    return len(set(data[1::4])) < 30 and max(data[1::4]) - min(data[1::4]) < 40


def is_live(data):
    return not is_placeholder(data)


def inject(webcam, control, value=1):
    """Let the simulated webcam fail."""
    command = ["v4l2-ctl", "-d", webcam, "-c", f"{control}={value}"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


class CountingCamera(Camera):
    """Counts how often it is opened."""

    opened = 0

    def open(self):
        self.opened += 1
        return super().open()


class CountingPattern(Pattern):
    """Counts how often it is opened."""

    opened = 0

    def open(self):
        self.opened += 1
        return super().open()


def test_the_webcam_is_on_only_while_somebody_watches(run, camera, webcam, watch):
    with run(camera) as pipeline:
        wait_until(lambda: not holders(webcam))
        for _ in range(2):
            start = time.monotonic()
            with watch() as reader:
                assert is_placeholder(reader.next())
                placeholder_s = time.monotonic() - start
                live_s = reader.until(is_live)
                assert holders(webcam)
                assert pipeline.demand.in_use
            off_s = wait_until(lambda: not holders(webcam))
            print(
                f"placeholder {placeholder_s:.2f} s, live {live_s:.2f} s, off {off_s:.2f} s later"
            )
            assert live_s < SLOW_S
            assert 0.6 * LINGER_S < off_s < LINGER_S + SLOW_S
            assert not pipeline.demand.wanted


def test_who_watches_is_named_and_missed_when_killed(run, loopback):
    with run(Pattern(SIZE, RATE_HZ)) as pipeline:
        with watching(loopback) as viewer:
            came_s = wait_until(lambda: pipeline.demand.in_use)
            assert pipeline.viewers() == ["v4l2-ctl"]
            viewer.kill()
            viewer.wait()
            left_s = wait_until(lambda: not pipeline.demand.in_use)
            assert pipeline.viewers() == []
        print(f"noticed after {came_s:.2f} s, missed after {left_s:.2f} s")
        assert left_s < 1


def test_who_watches_across_a_restart_is_not_kept_waiting(run, watch):
    source = CountingPattern(SIZE, RATE_HZ)
    with ExitStack() as stack:
        with run(Pattern(SIZE, RATE_HZ)):
            reader = stack.enter_context(watch())
            reader.until(is_live)
        with run(source):
            reader.until(is_placeholder)
            print(f"live again after {reader.until(is_live):.2f} s")
            assert source.opened == 1


def test_a_program_that_only_looks_lights_no_webcam(run, loopback):
    source = CountingPattern(SIZE, RATE_HZ)
    with run(source) as pipeline:
        wait_until(lambda: not pipeline.demand.wanted)
        for _ in range(20):
            with Device(loopback) as device:
                assert device.identity().captures
                list(device.modes(SIZE))
            time.sleep(0.05)
            assert not pipeline.demand.wanted
    assert source.opened == 1


def test_a_program_that_only_looks_disturbs_no_picture(run, loopback, watch):
    with run(Pattern(SIZE, RATE_HZ)), watch() as reader:
        reader.until(is_live)
        longest_s, start = 0.0, time.monotonic()
        while time.monotonic() - start < 5:
            with Device(loopback) as device:
                device.identity()
            asked = time.monotonic()
            assert is_live(reader.next())
            longest_s = max(longest_s, time.monotonic() - asked)
        print(f"longest wait {longest_s:.2f} s")
        assert longest_s < 0.5


def test_always_on_means_always(run, camera, webcam):
    with run(camera, always_on=True):
        time.sleep(1)
        assert holders(webcam)


def test_a_pause_closes_the_webcam_under_a_viewers_eyes(run, camera, webcam, watch):
    with run(camera) as pipeline, watch() as reader:
        reader.until(is_live)
        pipeline.demand.pause("sleep")
        reader.until(is_placeholder)
        wait_until(lambda: not holders(webcam))
        for _ in range(3):
            assert is_placeholder(reader.next(2)), (
                "a placeholder each half second keeps the track alive"
            )
        pipeline.demand.resume("sleep")
        print(f"live {reader.until(is_live):.2f} s after the pause")


def test_a_webcam_pulled_out_shows_a_placeholder_and_is_back_soon_after_it(
    run, camera, webcam, watch
):
    with run(camera) as pipeline, watch() as reader:
        reader.until(is_live)
        with Device(webcam):  # vivid stays away until its last user left
            inject(webcam, "disconnect")
            placeholder_s = reader.until(is_placeholder)
            wait_until(lambda: isinstance(pipeline.trouble, CameraLost))
            opened, start = camera.opened, time.monotonic()
            while time.monotonic() - start < 4:
                assert is_placeholder(reader.next(1.5)), "placeholders keep the track alive"
            tried = camera.opened - opened
        back_s = reader.until(is_live)
        print(f"placeholder {placeholder_s:.2f} s, {tried} tries in 4 s, live after {back_s:.2f} s")
        assert pipeline.trouble is None
    assert placeholder_s < 1
    assert 1 <= tried < 20, "no spin"
    assert back_s < SLOW_S


def test_a_frozen_webcam_shows_a_placeholder_and_goes_on(run, camera, webcam, watch):
    with run(camera) as pipeline, watch() as reader:
        reader.until(is_live)
        inject(webcam, "percentage_of_dropped_buffers", 100)
        try:
            placeholder_s = reader.until(is_placeholder)
            wait_until(lambda: isinstance(pipeline.trouble, CameraLost))
            opened = camera.opened
            for _ in range(4):
                assert is_placeholder(reader.next(1.5))
            assert camera.opened - opened < 5
        finally:
            inject(webcam, "percentage_of_dropped_buffers", 0)
        back_s = reader.until(is_live)
        print(f"placeholder {placeholder_s:.2f} s, live {back_s:.2f} s after it thawed")
    assert placeholder_s < 2
    assert back_s < SLOW_S


def test_a_webcam_that_is_busy_at_the_start_comes_when_it_is_free(run, camera, webcam, watch):
    with watching(webcam) as other:
        wait_until(lambda: holders(webcam))
        time.sleep(1)
        expected = SourceInfo("webcam", SIZE, RATE_HZ, live=True)
        with run(camera, expected) as pipeline, watch() as reader:
            wait_until(lambda: isinstance(pipeline.trouble, CameraBusy))
            for _ in range(3):
                assert is_placeholder(reader.next(1.5))
            other.kill()
            other.wait()
            back_s = reader.until(is_live)
            print(f"live {back_s:.2f} s after it was free")
            assert back_s < SLOW_S
