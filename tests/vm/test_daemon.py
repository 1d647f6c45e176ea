"""The whole program: webcam in, virtual camera out."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager

import numpy as np
import pytest
from support.processes import SEGCAM

SIZE = (180, 320)
START_S = 120  # an emulated processor imports slowly


@pytest.fixture(autouse=True)
def model():
    from segcam.zoo.library import DEFAULT, find

    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")


@contextmanager
def segcam(*options):
    """``segcam run`` from the webcam to the virtual camera; interrupted at the end.

    It has no budget: an emulated machine would show only every second frame, to save time.
    """
    command = [SEGCAM, "run", "--camera", "vivid", "--backend", "null", "--fps", "15"]
    command += ["--budget", "0"]
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(
        [*command, "--size", f"{SIZE[1]}x{SIZE[0]}", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_it_writes(watch, process):
    """A reader of the virtual camera, as soon as there is something to read."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        try:
            return watch()
        except OSError:
            time.sleep(0.5)
    raise TimeoutError


def luma(data):
    """uint8 (H, W) of a YUYV frame."""
    return np.frombuffer(data, np.uint8).reshape(*SIZE, 2)[:, :, 0]


def sharpest_step(picture):
    """The largest difference between neighbours: colour bars have steps of 20 and more."""
    return int(np.abs(np.diff(picture.astype(int), axis=1)).max())


def test_the_room_is_hidden_from_the_first_frame_to_the_last(webcam, watch):
    with segcam() as process, wait_until_it_writes(watch, process) as reader:
        frames = [reader.next(20) for _ in range(2)]
        start = time.monotonic()
        while time.monotonic() - start < 10:
            frames.append(reader.next(20))
        print(f"{(len(frames) - 2) / 10:.1f} frames a second")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, process.stdout.read()
    # The bars' upper left corner is room to every matte of the null backend.
    for frame in frames:
        corner = luma(frame)[: SIZE[0] // 4, : SIZE[1] // 4]
        assert sharpest_step(corner) < 12


def test_after_a_kill_the_picture_is_not_the_last_one(webcam, watch):
    with segcam() as process, wait_until_it_writes(watch, process) as reader:
        for _ in range(10):
            last = reader.next(20)
        process.kill()
        process.wait()
        shown = [reader.next(5) for _ in range(5)]
        assert shown[-1] == shown[-2] != last
