"""The detector finds the room in all pictures that do not hide it, and in no others."""

import cv2
import numpy as np
import pytest
from leak.detector import THRESHOLD, leaks, score
from leak.room import RADIUS_PX, SIZE, TURN_S, code, draw, figure, jpeg, wall

from segcam.composite import background
from segcam.composite.compositor import RoomHidden, hide
from segcam.composite.placeholder import draw_placeholder
from segcam.frame import Frame
from segcam.refine.refiner import MatteRefiner
from segcam.source.jpeg import JpegDecoder

FRAMES = 20
CLEAR, HIDDEN = 0.85, 0.2
"""The measured distributions end there; the threshold lies far from both."""


def filmed():
    """The walker, once around."""
    for index in range(FRAMES):
        frame = Frame.empty(SIZE)
        draw(index * TURN_S / FRAMES, wall(), frame)
        frame.stamp(index, index, cut=index == 0)
        yield frame


def matte(index, late_s=0.0):
    """The walker's true matte, or an older one."""
    truth = figure(index * TURN_S / FRAMES - late_s)
    return cv2.resize(truth, (256, 144), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def composites(behind, late_s=0.0):
    refiner, compositor = MatteRefiner(), RoomHidden(behind)
    for frame in filmed():
        fine, out = np.empty(SIZE, np.uint8), Frame.empty(SIZE)
        refiner.refine(matte(frame.id, late_s), frame, fine)
        compositor.composite(frame, fine, out)
        yield out


def as_it_is(frame):
    """The unchanged frame."""


def at_half_size(frame):
    small = cv2.resize(frame.y, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    frame.y[:] = cv2.resize(small, SIZE[::-1])


def compressed(frame):
    assert JpegDecoder().decode(memoryview(jpeg(frame)), frame)


def almost_covered(frame):
    frame.y[:] = (0.05 * frame.y + 0.95 * 90).astype(np.uint8)


def but_for_a_corner(frame):
    corner = frame.y[:40, :40].copy()
    frame.fill((90, 128, 128))
    frame.y[:40, :40] = corner


@pytest.mark.parametrize(
    "process",
    [as_it_is, Frame.mirror, at_half_size, compressed, almost_covered, but_for_a_corner],
    ids=lambda process: process.__name__,
)
def test_whatever_does_not_hide_the_room_is_a_leak(process):
    for frame in filmed():
        process(frame)
        assert score(frame) > (CLEAR if process is not but_for_a_corner else 2 * THRESHOLD)


def test_the_room_at_twice_the_size_is_found():
    large = Frame.filled((SIZE[0] * 2, SIZE[1] * 2), (0, 128, 128))
    large.y[:] = cv2.resize(wall().y, large.size[::-1])
    assert score(large) > CLEAR


class Picture:
    """A picture of one colour, as a background's source."""

    def __init__(self, size):
        self._left = [Frame.filled(size, (90, 100, 140))]

    def read(self, out):
        if self._left:
            out.copy_from(self._left.pop())
            return True
        return False

    def close(self):
        pass


BEHIND = {f"blur:{strength}": background.Blurred(strength) for strength in (0, 50, 100)}
BEHIND |= {"colour": background.Color((145, 54, 34)), "picture": background.VideoInStep(Picture)}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_a_hidden_room_is_no_leak(behind):
    assert max(score(frame) for frame in composites(behind)) < HIDDEN


def test_privacy_frames_placeholders_and_noise_are_no_leak():
    safe = [
        draw_placeholder(SIZE, text) for text in ("One moment", "Camera is gone", "Camera is off")
    ]
    for frame in filmed():
        safe.append(Frame.empty(SIZE))
        hide(frame, safe[-1])
    noise = Frame.empty(SIZE)
    noise.data[:] = np.random.default_rng(1).integers(0, 256, noise.data.shape, np.uint8)
    assert max(score(frame) for frame in [*safe, noise]) < HIDDEN


@pytest.mark.parametrize("late_s", [0.4, 0.8, 1.5])
def test_an_old_matte_is_a_leak(late_s):
    assert all(leaks(frame) for frame in composites(background.Blurred(0), late_s))


def test_the_walker_is_elsewhere_after_any_pause():
    for index in range(FRAMES):
        start = index * TURN_S / FRAMES
        left = figure(start).astype(bool) & ~figure(start + 0.75).astype(bool)
        assert left.sum() > RADIUS_PX * 40


def test_the_code_has_no_mean():
    assert abs(float(code().mean())) < 0.02
