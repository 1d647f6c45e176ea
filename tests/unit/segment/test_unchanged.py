"""Pictures with movement get their own matte; others may share one for a while."""

import numpy as np
import pytest

from segcam.segment.unchanged import LONGEST_NS, Unchanged

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
def unchanged():
    unchanged = Unchanged((144, 256))
    assert not unchanged.lasts(picture(), 0)
    unchanged.remember(person())
    return unchanged


def test_a_matte_lasts_while_nothing_moves(unchanged):
    assert unchanged.lasts(picture(), FRAME_NS)
    assert unchanged.lasts(picture(), 2 * FRAME_NS)


def test_but_not_for_long(unchanged):
    assert unchanged.lasts(picture(), LONGEST_NS - 1)
    assert not unchanged.lasts(picture(), LONGEST_NS)


def test_nor_backwards(unchanged):
    assert not unchanged.lasts(picture(), -1)


def test_noise_is_no_movement(unchanged):
    noisy = picture() + RNG.normal(0, 6, (144, 256, 3))
    assert unchanged.lasts(noisy.round().astype(np.uint8), FRAME_NS)


@pytest.mark.parametrize(("row", "column"), [(32, 120), (80, 60), (80, 192), (8, 8), (120, 240)])
def test_what_moves_at_the_outline_or_in_the_room_counts(unchanged, row, column):
    assert not unchanged.lasts(changed(row, column), FRAME_NS)


def test_what_moves_within_the_person_does_not(unchanged):
    assert unchanged.lasts(changed(96, 120), FRAME_NS)


def test_a_slow_change_is_compared_with_the_beginning(unchanged):
    for index in range(1, 4):
        lasts = unchanged.lasts(picture() + np.uint8(2 * index), 20_000_000 * index)
        assert lasts == (index <= 2)


def test_colour_alone_counts(unchanged):
    other = picture()
    other[8:16, 8:16] = (60, 100, 140)
    assert not unchanged.lasts(other, FRAME_NS)


def test_what_is_forgotten_lasts_no_more(unchanged):
    unchanged.forget()
    assert not unchanged.lasts(picture(), FRAME_NS)


def test_the_newest_picture_with_a_matte_is_what_counts(unchanged):
    assert not unchanged.lasts(changed(8, 8), FRAME_NS)
    unchanged.remember(person())
    assert unchanged.lasts(changed(8, 8), 2 * FRAME_NS)
    assert not unchanged.lasts(picture(), 2 * FRAME_NS)


@pytest.mark.parametrize("size", [(1, 1), (17, 31), (256, 256), (512, 512)])
def test_pictures_have_any_size(size):
    unchanged = Unchanged(size)
    shown = RNG.integers(0, 200, (*size, 3), np.uint8)
    assert not unchanged.lasts(shown, 0)
    unchanged.remember(np.zeros(size, np.float32))
    assert unchanged.lasts(shown, 1)
    assert not unchanged.lasts(shown + np.uint8(20), 2)
