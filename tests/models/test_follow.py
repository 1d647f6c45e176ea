from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.data.crop import Scene  # noqa: E402
from segcam_models.data.follow import follow, part_around  # noqa: E402
from segcam_models.data.views import FollowedView, RefinerView  # noqa: E402

WHOLE = (slice(0, 360), slice(0, 640))


def matte_of(rows: slice, columns: slice) -> np.ndarray:
    matte = np.zeros((144, 256), np.float32)
    matte[rows, columns] = 1
    return matte


def bright(image: np.ndarray) -> np.ndarray:
    """A model that finds whatever is bright, at the size of its input."""
    return np.asarray(image[::5, ::5].max(axis=2) > 150, np.float32)


def test_the_part_is_around_the_person_with_a_margin_at_each_side():
    rows, columns = part_around(matte_of(slice(40, 80), slice(100, 120)), (360, 640))
    assert (rows.start, rows.stop) == (84, 216)  # 100..200 and 15 % of 40 pixels of the matte
    assert (columns.start, columns.stop) == (242, 308)


def test_the_part_ends_with_the_picture_and_has_even_sides():
    rows, columns = part_around(matte_of(slice(90, 144), slice(0, 33)), (360, 640))
    assert rows.stop == 360
    assert columns.start == 0
    assert all(edge % 2 == 0 for edge in (rows.start, columns.stop))


def test_the_whole_picture_is_taken_for_nobody_and_for_somebody_large():
    assert part_around(np.zeros((144, 256), np.float32), (360, 640)) == WHOLE
    assert part_around(matte_of(slice(10, 144), slice(10, 246)), (360, 640)) == WHOLE


def test_specks_far_from_the_person_do_not_widen_the_part():
    matte = matte_of(slice(40, 80), slice(100, 140))
    alone = part_around(matte, (360, 640))
    matte[2, 250:253] = 1
    assert part_around(matte, (360, 640)) == alone


def test_picture_and_truth_are_cut_and_stretched_together():
    matte = np.zeros((360, 640), np.uint8)
    matte[100:200, 250:300] = 255
    image = np.repeat(matte[..., None], 3, axis=2)
    seen = follow(Scene(image, matte), bright, (72, 128))
    assert seen.image.shape == (72, 128, 3)
    np.testing.assert_array_equal(seen.image[..., 0], seen.matte)
    assert (seen.matte > 127).mean() > 0.5, "the person fills most of the part"


def test_the_refiner_sees_the_coarse_matte_of_the_part():
    matte = np.zeros((360, 640), np.uint8)
    matte[100:200, 250:300] = 255
    scene = Scene(np.repeat(matte[..., None], 3, axis=2), matte)
    planes, target = RefinerView(bright, (80, 160))(scene, np.random.default_rng(0))
    assert planes.shape == (7, 40, 80)
    assert target.shape == (1, 80, 160)
    assert np.abs(planes[6].mean() - target.mean()) < 0.1


def test_a_followed_segmenter_sees_the_part_or_the_whole_picture():
    matte = np.zeros((360, 640), np.uint8)
    matte[100:200, 250:300] = 255
    scene = Scene(np.repeat(matte[..., None], 3, axis=2), matte)
    shares = []
    for number in range(40):
        picture, target = FollowedView((80, 160))(scene, np.random.default_rng(number))
        assert picture.shape == (3, 80, 160)
        assert target.shape == (1, 80, 160)
        assert np.abs(picture[0] - target[0]).mean() < 0.01
        shares.append(target.mean())
    whole = [share for share in shares if share < 0.03]
    parts = [share for share in shares if share > 0.2]
    assert len(whole) + len(parts) == 40
    assert 4 < len(whole) < 22
    assert max(parts) > 1.3 * min(parts), "the room around the person varies"


def test_nobody_is_looked_at_as_a_whole():
    empty = Scene(np.full((360, 640, 3), 7, np.uint8), np.zeros((360, 640), np.uint8))
    picture, target = FollowedView((80, 160))(empty, np.random.default_rng(1))
    assert picture.shape == (3, 80, 160)
    assert target.max() == 0
