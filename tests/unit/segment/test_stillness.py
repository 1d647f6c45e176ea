"""What moves has a matte of its own; what does not may share one for a while."""

import numpy as np
import pytest

from segcam.segment.stillness import LONGEST_NS, Stillness

RNG = np.random.default_rng(3)
FRAME_NS = 33_333_333


def picture():
    return np.full((144, 256, 3), 100, np.uint8)


def person():
    """Sure from row 40 and between columns 64 and 192 on, with a soft outline."""
    matte = np.zeros((144, 256), np.float32)
    matte[40:, 64:192] = 1
    matte[36:40, 64:192] = 0.5
    return matte


def changed(row, column, levels=60):
    """A finger's worth of change."""
    other = picture()
    other[row : row + 8, column : column + 5] += levels
    return other


@pytest.fixture
def stillness():
    still = Stillness((144, 256))
    assert not still.lasts(picture(), 0)
    still.remember(person())
    return still


def test_a_matte_lasts_while_nothing_moves(stillness):
    assert stillness.lasts(picture(), FRAME_NS)
    assert stillness.lasts(picture(), 2 * FRAME_NS)


def test_but_not_for_long(stillness):
    assert stillness.lasts(picture(), LONGEST_NS - 1)
    assert not stillness.lasts(picture(), LONGEST_NS)


def test_nor_backwards(stillness):
    assert not stillness.lasts(picture(), -1)


def test_noise_is_no_movement(stillness):
    noisy = picture() + RNG.normal(0, 6, (144, 256, 3))
    assert stillness.lasts(noisy.round().astype(np.uint8), FRAME_NS)


@pytest.mark.parametrize(("row", "column"), [(32, 120), (80, 60), (80, 192), (8, 8), (120, 240)])
def test_what_moves_at_the_outline_or_in_the_room_counts(stillness, row, column):
    assert not stillness.lasts(changed(row, column), FRAME_NS)


def test_what_moves_within_the_person_does_not(stillness):
    assert stillness.lasts(changed(96, 120), FRAME_NS)


def test_a_slow_change_is_compared_with_the_beginning(stillness):
    for index in range(1, 4):
        lasts = stillness.lasts(picture() + np.uint8(2 * index), 20_000_000 * index)
        assert lasts == (index <= 2)


def test_colour_alone_counts(stillness):
    other = picture()
    other[8:16, 8:16] = (60, 100, 140)
    assert not stillness.lasts(other, FRAME_NS)


def test_what_is_forgotten_lasts_no_more(stillness):
    stillness.forget()
    assert not stillness.lasts(picture(), FRAME_NS)


def test_the_newest_picture_with_a_matte_is_what_counts(stillness):
    assert not stillness.lasts(changed(8, 8), FRAME_NS)
    stillness.remember(person())
    assert stillness.lasts(changed(8, 8), 2 * FRAME_NS)
    assert not stillness.lasts(picture(), 2 * FRAME_NS)


@pytest.mark.parametrize("size", [(1, 1), (17, 31), (256, 256), (512, 512)])
def test_pictures_have_any_size(size):
    still = Stillness(size)
    shown = RNG.integers(0, 200, (*size, 3), np.uint8)
    assert not still.lasts(shown, 0)
    still.remember(np.zeros(size, np.float32))
    assert still.lasts(shown, 1)
    assert not still.lasts(shown + np.uint8(20), 2)
