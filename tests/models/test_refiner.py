from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.config import RefinerConfig  # noqa: E402
from segcam_models.costs import costs_of  # noqa: E402
from segcam_models.data.views import join_planes, refiner_input  # noqa: E402
from segcam_models.refiner import LIMIT, SLOPE, STEEP, EdgeRefiner  # noqa: E402

SMALL = RefinerConfig(size=(64, 96))


def planes_of(coarse: np.ndarray, seed: int = 0) -> torch.Tensor:
    image = np.random.default_rng(seed).integers(0, 256, (64, 96, 3), np.uint8)
    return torch.from_numpy(refiner_input(image, coarse))[None]


def ramp(logits: np.ndarray) -> np.ndarray:
    return (0.5 + SLOPE / STEEP * logits).clip(0, 1)


def smooth_matte(seed: int = 1) -> np.ndarray:
    seeds = np.random.default_rng(seed).random((5, 7), np.float32)
    return cv2.resize(seeds, (48, 32), interpolation=cv2.INTER_LINEAR)


def test_untrained_it_enlarges_the_coarse_matte_and_changes_nothing():
    coarse = smooth_matte()
    refiner = EdgeRefiner(SMALL).eval()
    with torch.no_grad():
        said = refiner(planes_of(coarse))
    assert torch.equal(said.logits, said.coarse)
    enlarged = cv2.resize(coarse, (96, 64), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(said.logits[0, 0].numpy(), STEEP * (enlarged - 0.5), atol=1e-4)


def test_the_deployed_planes_are_the_matte_of_training():
    refiner = EdgeRefiner(SMALL).eval()
    torch.nn.init.normal_(refiner.correct.weight)
    with torch.no_grad():
        planes = planes_of(smooth_matte())
        joined = join_planes(refiner.matte(planes)[0].numpy())
        logits = refiner(planes).logits[0, 0].numpy()
    np.testing.assert_allclose(joined, ramp(logits), atol=1e-5)


def test_an_undoubted_room_is_hidden_wholly():
    refiner = EdgeRefiner(SMALL).eval()
    with torch.no_grad():
        assert refiner.matte(planes_of(np.zeros((32, 48), np.float32))).max() == 0
        assert refiner.matte(planes_of(np.ones((32, 48), np.float32))).min() == 1


def test_a_shut_gate_keeps_the_coarse_matte():
    refiner = EdgeRefiner(SMALL).eval()
    torch.nn.init.normal_(refiner.correct.weight)
    with torch.no_grad():
        refiner.correct.weight[-1].zero_()
        refiner.correct.bias[-1] = -40.0
        said = refiner(planes_of(smooth_matte()))
    torch.testing.assert_close(said.logits, said.coarse)


def test_what_the_coarse_matte_is_sure_of_is_not_overruled():
    refiner = EdgeRefiner(SMALL).eval()
    torch.nn.init.constant_(refiner.correct.bias, 100.0)
    with torch.no_grad():
        said = refiner(planes_of(np.zeros((32, 48), np.float32)))
        assert (said.logits - said.coarse).max() == pytest.approx(LIMIT)
        assert refiner.matte(planes_of(np.zeros((32, 48), np.float32))).max() < 0.5
        assert refiner.matte(planes_of(np.full((32, 48), 0.4, np.float32))).min() > 0.5


def test_it_learns_to_draw_an_edge_that_the_coarse_matte_missed():
    torch.manual_seed(0)
    image = np.zeros((64, 96, 3), np.uint8)
    image[:, 40:] = 200
    coarse = np.zeros((32, 48), np.float32)
    coarse[:, 24:] = 0.9  # eight full-size pixels too far right
    coarse[:, 20:24] = 0.2
    planes = torch.from_numpy(refiner_input(image, coarse))[None]
    truth = torch.from_numpy((image[..., 0] > 100).astype(np.float32))[None, None]
    refiner = EdgeRefiner(SMALL)
    optimizer = torch.optim.Adam(refiner.parameters(), 1e-2)
    for _ in range(40):
        logits = refiner(planes).logits
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    wrong = ((logits > 0) != (truth > 0.5)).float().mean().item()
    assert wrong < 0.01, f"{wrong:.1%} wrong; the coarse matte has 8 columns of 96 wrong"


def test_the_input_is_4_2_0_with_luma_cut_into_four():
    image = np.zeros((4, 4, 3), np.uint8)
    image[0, 1] = 255  # row 0 is even, column 1 is odd: the second plane
    planes = refiner_input(image, np.full((2, 2), 0.5, np.float32))
    assert planes.shape == (7, 2, 2)
    bright = np.argwhere(planes[:4] > 0.5)
    assert bright.tolist() == [[1, 0, 0]]
    assert planes[:4].min() == pytest.approx(16 / 255), "black is 16 in limited range"
    np.testing.assert_allclose(planes[4:6], 128 / 255, atol=2 / 255)
    np.testing.assert_allclose(planes[6], 0.5)


def test_planes_join_to_the_picture_they_were_cut_from():
    picture = np.random.default_rng(3).random((6, 8), np.float32)
    planes = np.stack([picture[row::2, column::2] for row in (0, 1) for column in (0, 1)])
    np.testing.assert_array_equal(join_planes(planes), picture)


def test_it_is_small():
    costs = costs_of(EdgeRefiner(RefinerConfig()), (7, 144, 256))
    assert costs.megabytes < 0.1
    assert costs.giga_ops < 0.15
