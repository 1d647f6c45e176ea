from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segcam_models.data.crop import Scene
from segcam_models.data.pictures import Person, load_pictures
from segcam_models.data.props import hang_portrait, hold, put_on_headset, seat

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


def figure() -> Person:
    """Somebody upright: a head, and a body that is twice as wide."""
    matte = np.zeros((400, 200), np.uint8)
    matte[10:60, 80:120] = 255
    matte[60:390, 60:140] = 255
    return Person("somebody", np.full((400, 200, 3), 200, np.uint8), matte, real=True)


@pytest.mark.parametrize("seed", range(8))
def test_a_headset_is_on_the_head_and_counts_as_person(seed: int):
    before = figure()
    after = put_on_headset(before, np.random.default_rng(seed))
    changed = (after.image != before.image).any(axis=2)
    assert changed.any()
    assert not changed[90:].any()
    assert (after.matte[changed] > 0).all()
    assert (after.matte >= before.matte).all()
    assert (after.matte > before.matte).any()
    assert (before.image == 200).all()


def test_nobody_wears_no_headset():
    nobody = Person("nobody", np.zeros((40, 20, 3), np.uint8), np.zeros((40, 20), np.uint8), True)
    assert put_on_headset(nobody, np.random.default_rng(0)) is nobody


@pytest.mark.parametrize("seed", range(8))
def test_the_back_of_a_chair_is_behind_the_person_and_below_the_head(seed: int):
    room = np.full((120, 200, 3), 250, np.uint8)
    sitter = somebody().matte
    after = seat(room, sitter, np.random.default_rng(seed))
    changed = (after != room).any(axis=2)
    assert changed[100:, 90:110].all()
    assert not changed[:25].any()
    assert not changed.all(axis=0).any()
    assert (room == 250).all()


def test_nobody_needs_no_chair():
    np.testing.assert_array_equal(
        seat(SURFACE, np.zeros((60, 80), np.uint8), np.random.default_rng(0)), SURFACE
    )
