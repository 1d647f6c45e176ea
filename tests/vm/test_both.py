"""The loopback device and PipeWire at once: programs of both kinds see the same, together."""

from __future__ import annotations

import os
import shutil
import time

import numpy as np
import pytest
from pipewire.conftest import session  # noqa: F401
from vm.test_daemon import SIZE, model, segcam, sharpest_step
from watching.gstreamer import Recording

from segcam.source import pattern

__all__ = ["model"]
HOME = os.environ.get("HOME", "")  # before the session gets one of its own
RATE_HZ = 5
DEVICE = "v4l2src device={} ! video/x-raw,format=YUY2"
START_S = 120
ENOUGH = 20
SWAY = 120
"""Frames after which the pattern's figure is where it was."""


def is_live(frame):
    """Whether somebody's chest is in the middle."""
    return abs(int(frame.v[SIZE[0] * 3 // 8, SIZE[1] // 4]) - pattern.FIGURE_YUV[2]) < 8


def number(frame):
    """What the figure wears on its chest; None where that is hidden."""
    place = min(range(SWAY), key=lambda guess: _greyness(guess, frame))
    return pattern.read_code(place, frame) if _greyness(place, frame) < 8 else None


def _greyness(guess, frame):
    """How far the blocks of the code are from dark and bright, were it there."""
    blocks = np.stack(pattern._code_blocks(guess, frame)).astype(int)
    return np.minimum(abs(blocks - pattern.DARK), abs(blocks - pattern.BRIGHT)).mean()


def numbered(program):
    """{number: (time, frame)} of all that it saw."""
    seen = {number(frame): (at_s, frame) for at_s, frame in program.frames if is_live(frame)}
    seen.pop(None, None)
    return seen


def wait_for_more(process, *programs):
    """Wait until each has seen more of the picture."""
    counts, deadline = [program.count for program in programs], time.monotonic() + START_S
    for program, count in zip(programs, counts, strict=True):
        while sum(map(is_live, program.pictures(count))) < ENOUGH:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline, "too few pictures came"
            time.sleep(0.5)


@pytest.fixture
def viewers(loopback, session, monkeypatch):  # noqa: F811
    """Starts a program that watches the device, and one that watches the node."""
    if not shutil.which("gst-launch-1.0"):
        pytest.skip("gst-launch-1.0 is not installed")
    monkeypatch.setenv("HOME", HOME)  # where the model lies
    return lambda: Recording(SIZE, DEVICE.format(loopback)), lambda: Recording(SIZE)


@pytest.fixture
def running(viewers, session):  # noqa: F811
    """SegCam, showing the pattern in both ways."""
    outputs = ("--camera", "pattern", "--output", "auto,pipewire", "--fps", str(RATE_HZ))
    with segcam(*outputs) as process:
        deadline = time.monotonic() + START_S
        while '"segcam"' not in session.dump():
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline, "no node came"
            time.sleep(0.5)
        yield process


def test_both_see_the_same_at_the_same_time_and_neither_disturbs_the_other(running, viewers):
    of_device, of_node = viewers
    with of_device() as device, of_node() as node:
        wait_for_more(running, device, node)
        device.end()
        left_s = time.monotonic()
        wait_for_more(running, node)
        with of_device() as another:
            wait_for_more(running, another)
            node.end()
            left_again_s = time.monotonic()
            wait_for_more(running, another)
    assert_same_at_the_same_time(numbered(device), numbered(node))
    assert_goes_on(node, left_s)
    assert_goes_on(another, left_again_s)
    for program in (device, node, another):
        for frame in program.pictures():
            assert sharpest_step(frame.y[: SIZE[0] // 4, : SIZE[1] // 4]) < 12, "the room is hidden"


def assert_same_at_the_same_time(ours, theirs):
    first, last = max(min(ours), min(theirs)), min(max(ours), max(theirs))
    seen = {n for n in {*ours, *theirs} if first <= n <= last}
    common = sorted(seen & ours.keys() & theirs.keys())
    assert len(common) > 0.8 * len(seen)
    apart_s = [abs(ours[n][0] - theirs[n][0]) for n in common]
    print(
        f"{len(common)} of {len(seen)} frames in both, {np.median(apart_s) * 1e3:.1f} ms apart, "
        f"{max(apart_s) * 1e3:.0f} at most; one frame lasts {1e3 / RATE_HZ:.0f}"
    )
    assert np.median(apart_s) < 1 / RATE_HZ
    assert max(apart_s) < 2 / RATE_HZ
    assert all(np.array_equal(ours[n][1].y, theirs[n][1].y) for n in common)


def assert_goes_on(program, since_s):
    """What is left to watch sees every number, but for those that an emulated machine drops."""
    numbers = [n for n, (at_s, _) in numbered(program).items() if at_s > since_s]
    gap = max(np.diff(numbers))
    print(f"{len(numbers)} frames of {numbers[-1] - numbers[0] + 1} seen, gap {gap}")
    assert numbers == sorted(numbers)
    assert len(numbers) > 0.7 * (numbers[-1] - numbers[0] + 1)
