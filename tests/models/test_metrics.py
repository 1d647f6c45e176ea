import json
import math

import cv2
import numpy as np
import pytest
from segcam_models import score
from segcam_models.metrics import (
    Flicker,
    TemporalError,
    boundary_iou,
    contour_f,
    jaccard,
    mean_iou,
    still,
    to_mask,
)


def box(top, left, bottom, right, size=(60, 80)):
    mask = np.zeros(size, bool)
    mask[top:bottom, left:right] = True
    return mask


EMPTY, FULL = box(0, 0, 0, 0), box(0, 0, 60, 80)
SCORES = [jaccard, mean_iou, boundary_iou, contour_f]


@pytest.mark.parametrize("metric", SCORES)
@pytest.mark.parametrize("mask", [EMPTY, FULL, box(10, 10, 40, 50)])
def test_a_mask_agrees_with_itself(metric, mask):
    assert metric(mask, mask) == 1


@pytest.mark.parametrize("metric", SCORES)
def test_scores_are_symmetric(metric):
    one, other = box(10, 10, 40, 50), box(12, 20, 45, 60)
    assert metric(one, other) == pytest.approx(metric(other, one))


def test_half_opacity_is_person():
    assert to_mask(np.array([[0, 127, 128, 255]], np.uint8)).tolist() == [
        [False, False, True, True]
    ]


def test_jaccard_by_hand():
    assert jaccard(box(0, 0, 10, 10), box(0, 5, 10, 15)) == pytest.approx(50 / 150)
    assert jaccard(EMPTY, FULL) == 0


def test_mean_iou_by_hand():
    background = (4800 - 150) / (4800 - 50)
    expected = (50 / 150 + background) / 2
    assert mean_iou(box(0, 0, 10, 10), box(0, 5, 10, 15)) == pytest.approx(expected)


def test_boundary_iou_by_hand():
    # Diagonal 100, so one pixel: the rims of a 20x20 and of the 18x18 inside of it do not touch.
    assert boundary_iou(box(10, 10, 30, 30), box(11, 11, 29, 29)) == 0
    # Shifted by one column: rims of 76, sharing the top and bottom rows' 19 + 19.
    assert boundary_iou(box(10, 10, 30, 30), box(10, 11, 30, 31)) == pytest.approx(38 / 114)


def test_boundary_iou_counts_the_pictures_edge():
    # Rims: 10 + 10 + 8 + 8 pixels of a box in the corner; 11 rows: 10 + 10 + 9 + 9. They share the
    # top row's 10, and the sides' 9 + 9.
    assert boundary_iou(box(0, 0, 10, 10), box(0, 0, 11, 10)) == pytest.approx(28 / 46)


def test_contour_f_tolerates_a_pixel_and_no_more():
    # Diagonal 100: the tolerance is ceil(0.8) = 1.
    assert contour_f(box(10, 10, 30, 30), box(10, 11, 30, 31)) == 1
    assert contour_f(box(0, 0, 60, 20), box(0, 0, 60, 22)) == 0
    assert contour_f(EMPTY, box(10, 10, 30, 30)) == 0


def brute_force_f(mask, truth, ratio):
    """F from all pairs of contour points, after the definition."""

    def points(m):
        height, width = m.shape
        return np.array(
            [
                (y, x)
                for y in range(height)
                for x in range(width)
                if len(set(m[y : y + 2, x : x + 2].ravel().tolist())) == 2
            ]
        )

    ours, theirs = points(mask), points(truth)
    reach = math.ceil(ratio * math.dist((0, 0), mask.shape))
    squared = ((ours[:, None] - theirs[None]) ** 2).sum(axis=2)
    precision = (squared.min(axis=1) <= reach**2).mean()
    recall = (squared.min(axis=0) <= reach**2).mean()
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("ratio", [0.008, 0.03, 0.0721])
@pytest.mark.parametrize("seed", range(4))
def test_contour_f_equals_brute_force(seed, ratio):
    noise = np.random.default_rng(seed).random((2, 45, 61)).astype(np.float32)
    mask, truth = (cv2.GaussianBlur(n, (0, 0), 4) > 0.5 for n in noise)
    assert contour_f(mask, truth, ratio) == pytest.approx(brute_force_f(mask, truth, ratio))


def picture(seed=0):
    return cv2.GaussianBlur(
        np.random.default_rng(seed).integers(0, 256, (240, 320), np.uint8), (0, 0), 3
    )


def test_noise_stands_still():
    noise = np.random.default_rng(1).normal(0, 5, (2, 480, 640))
    one, other = (np.clip(128 + n, 0, 255).astype(np.uint8) for n in noise)
    assert still(one, other).mean() > 0.99


def test_what_moves_does_not_stand_still():
    before = np.full((240, 320), 60, np.uint8)
    now = before.copy()
    now[100:140, 100:140] = 160
    calm = still(now, before)
    assert not calm[98:142, 98:142].any()
    assert calm[:80].all()


def test_flicker_by_hand():
    luma = picture()
    matte = np.zeros((240, 320), np.uint8)
    other = matte.copy()
    other[:120] = 51
    flicker = Flicker()
    for frame in (matte, other, other):
        flicker.add(frame, luma)
    assert flicker.value == pytest.approx((0.1 + 0) / 2)


def test_flicker_forgives_a_matte_that_follows_the_picture():
    dark, bright = np.full((240, 320), 50, np.uint8), np.full((240, 320), 50, np.uint8)
    bright[60:120, 60:120] = 200
    flicker = Flicker()
    for luma in (dark, bright):
        flicker.add(np.where(luma > 100, 255, 0).astype(np.uint8), luma)
    assert flicker.value == 0


def test_flicker_of_one_frame_is_unknown():
    flicker = Flicker()
    flicker.add(picture(), picture())
    assert math.isnan(flicker.value)


def moving_box(shifts):
    return [box(10, 10 + shift, 40, 50 + shift).astype(np.uint8) * 255 for shift in shifts]


def temporal_error(mattes, truths):
    error = TemporalError()
    for matte, truth in zip(mattes, truths, strict=True):
        error.add(matte, truth)
    return error.value


def test_temporal_error_by_hand():
    truths = [EMPTY.astype(np.uint8)] * 3
    mattes = [np.full((60, 80), level, np.uint8) for level in (0, 51, 153)]
    assert temporal_error(mattes, truths) == pytest.approx((0.2 + 0.4) / 2)


def test_a_matte_that_is_always_wrong_in_the_same_way_has_no_temporal_error():
    truths = moving_box([0, 4, 8])
    mattes = [truth.copy() for truth in truths]
    for matte in mattes:
        matte[50:] = 255
    assert temporal_error(mattes, truths) == 0


def test_lag_and_flicker_both_raise_the_temporal_error():
    moving, still = [0, 4, 8, 8], [0, 0, 0, 0]
    lagging = temporal_error(moving_box([0, 0, 4, 8]), moving_box(moving))
    flickering = temporal_error(moving_box([0, 4, 0, 4]), moving_box(still))
    # Strips of 4 columns at both sides of the box, 30 rows each: 240 of 4800 pixels.
    assert flickering == pytest.approx(math.sqrt(0.05))
    # In the second step the matte changes what the truth changed in the first.
    assert lagging == pytest.approx((2 * math.sqrt(0.05) + math.sqrt(0.1)) / 3)


def test_temporal_error_of_one_frame_is_unknown():
    assert math.isnan(temporal_error(moving_box([0]), moving_box([0])))


@pytest.fixture
def folders(tmp_path):
    for name in ("pred", "truth", "frames"):
        (tmp_path / name).mkdir()
    for number in range(3):
        mask = box(10, 10 + number, 40, 50).astype(np.uint8) * 255
        cv2.imwrite(str(tmp_path / "pred" / f"{number:05}.png"), mask)
        cv2.imwrite(str(tmp_path / "truth" / f"{number:05}.png"), mask)
        cv2.imwrite(str(tmp_path / "frames" / f"{number:05}.jpg"), np.full_like(mask, 99))
    return tmp_path


def test_score_prints_json(folders, capsys):
    arguments = [str(folders / "pred"), str(folders / "truth"), "--json"]
    assert score.main([*arguments, "--frames", str(folders / "frames")]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores.pop("flicker") == pytest.approx(30 / 4800)
    assert scores == dict.fromkeys(score.SCORES, 1.0)


def test_score_of_a_video_adds_the_temporal_error(folders, capsys):
    (folders / "pred" / "00001.png").write_bytes((folders / "pred" / "00000.png").read_bytes())
    assert score.main([str(folders / "pred"), str(folders / "truth"), "--video", "--json"]) == 0
    # The column of 30 pixels that the truth loses in the second frame goes with the third.
    assert json.loads(capsys.readouterr().out)["dtSSD"] == pytest.approx(math.sqrt(30 / 4800))


def test_score_of_a_video_needs_the_truth(folders):
    with pytest.raises(SystemExit):
        score.main([str(folders / "pred"), "--video", "--frames", str(folders / "frames")])


def test_score_prints_a_table(folders, capsys):
    assert score.main([str(folders / "pred"), str(folders / "truth")]) == 0
    assert "contour F" in capsys.readouterr().out


def test_score_names_the_missing_matte(folders, capsys):
    (folders / "pred" / "00001.png").unlink()
    assert score.main([str(folders / "pred"), str(folders / "truth")]) == 1
    assert "00001" in capsys.readouterr().err


def test_score_wants_as_many_frames_as_mattes(folders):
    (folders / "frames" / "00002.jpg").unlink()
    assert score.main([str(folders / "pred"), "--frames", str(folders / "frames")]) == 1


def test_score_wants_something_to_compare_with(folders):
    with pytest.raises(SystemExit):
        score.main([str(folders / "pred")])
