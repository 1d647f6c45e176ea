from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segcam_models.data.crop import Scene
from segcam_models.data.pictures import load_pictures
from segcam_models.data.props import hang_portrait, hold

SURFACE = np.full((60, 80, 3), 128, np.uint8)


def somebody() -> Scene:
    matte = np.zeros((120, 200), np.uint8)
    matte[30:, 80:120] = 255
    return Scene(np.zeros((120, 200, 3), np.uint8), matte)


@pytest.mark.parametrize("seed", range(8))
def test_a_held_thing_reaches_beyond_the_person_and_counts_as_theirs(seed: int):
    before = somebody()
    after = hold(before, SURFACE, np.random.default_rng(seed))
    added = (after.matte > 250) & (before.matte == 0)
    assert added.any()
    assert (after.matte >= before.matte).all()
    changed = (after.image != before.image).any(axis=2)
    assert not changed[after.matte == 0].any()


def test_nobody_holds_nothing():
    empty = Scene(SURFACE, np.zeros((60, 80), np.uint8))
    after = hold(empty, SURFACE, np.random.default_rng(0))
    assert not after.matte.any()
    np.testing.assert_array_equal(after.image, SURFACE)


@pytest.mark.parametrize("seed", range(8))
def test_a_portrait_hangs_in_the_room(data_folder: Path, seed: int):
    person = load_pictures(data_folder, "train").people[0]
    room = np.zeros((90, 160, 3), np.uint8)
    hung = hang_portrait(room, person, np.random.default_rng(seed))
    assert hung.shape == room.shape
    assert not room.any()
    share = hung.any(axis=2).mean()
    assert 0.005 < share < 0.4
