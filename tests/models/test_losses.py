from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.losses import (  # noqa: E402
    Prediction,
    boundary_loss,
    emptiness,
    jaccard_loss,
    refiner_loss,
    segmenter_loss,
    softness_loss,
    strays,
    unsteadiness,
)

SURE = 30.0


def logits_of(mask: list[list[int]]) -> torch.Tensor:
    """Logits of a prediction that is sure of every pixel."""
    return (torch.tensor(mask, dtype=torch.float32)[None, None] * 2 - 1) * SURE


def target_of(mask: list[list[int]]) -> torch.Tensor:
    return torch.tensor(mask, dtype=torch.float32)[None, None]


def test_jaccard_of_a_hand_computed_overlap():
    said, truth = logits_of([[1, 1, 0], [0, 0, 0]]), target_of([[0, 1, 1], [0, 0, 0]])
    assert jaccard_loss(said, truth).item() == pytest.approx(1 - (1 + 1) / (3 + 1), abs=1e-6)


def test_jaccard_of_an_undecided_prediction():
    said, truth = torch.zeros(1, 1, 2, 2), target_of([[1, 0], [0, 0]])
    both, either = 0.5, 4 * 0.5 + 1 - 0.5
    assert jaccard_loss(said, truth).item() == pytest.approx(1 - (both + 1) / (either + 1))


def test_jaccard_of_two_empty_masks_is_zero():
    nobody = [[0, 0], [0, 0]]
    assert jaccard_loss(logits_of(nobody), target_of(nobody)).item() == pytest.approx(0, abs=1e-6)


def test_a_picture_without_anybody_teaches():
    said = torch.zeros(1, 1, 2, 2, requires_grad=True)
    loss = jaccard_loss(said, torch.zeros(1, 1, 2, 2))
    loss.backward()
    assert loss.item() == pytest.approx(1 - 1 / (1 + 2))
    assert said.grad is not None
    assert (said.grad > 0).all(), "less person must make the loss smaller"


def test_jaccard_is_a_mean_over_pictures_not_pixels():
    half = torch.cat([logits_of([[1, 1], [1, 1]]), logits_of([[0, 0], [0, 1]])])
    truth = torch.cat([target_of([[1, 1], [1, 1]]), target_of([[1, 0], [0, 0]])])
    second = 1 - (0 + 1) / (2 + 1)
    assert jaccard_loss(half, truth).item() == pytest.approx(second / 2, abs=1e-6)


def test_boundary_counts_the_pixels_near_the_edge_alone():
    truth = target_of([[0, 0, 0, 0, 1, 1, 1, 1]])
    said = torch.zeros(1, 1, 1, 8)
    said[..., 0], said[..., 7] = 9.0, -9.0  # wrong, but three pixels off the edge
    near = boundary_loss(said, truth, reach=1).item()
    assert near == pytest.approx(math.log(2))
    said[..., 3] = 2.0  # wrong beside the edge; the other near pixel is undecided
    wrong = math.log(1 + math.exp(2.0))
    assert boundary_loss(said, truth, reach=1).item() == pytest.approx((wrong + math.log(2)) / 2)


def test_boundary_without_an_edge_is_zero():
    assert boundary_loss(torch.ones(1, 1, 9, 9), torch.zeros(1, 1, 9, 9)).item() == 0


def test_segmenter_loss_teaches_the_coarse_matte_too():
    truth = torch.zeros(1, 1, 64, 64)
    truth[..., :32] = 1
    sure = (truth * 2 - 1) * SURE
    right = Prediction(sure, torch.tensor([[[[SURE, -SURE], [SURE, -SURE]]]]))
    wrong = Prediction(sure, -right.coarse)
    assert segmenter_loss(right, truth, boundary=0).item() == pytest.approx(0, abs=1e-5)
    expected = 0.5 * (1 - (0 + 1) / (4 + 1))
    assert segmenter_loss(wrong, truth, boundary=0).item() == pytest.approx(expected, abs=1e-5)


def test_refiner_loss_charges_for_changes():
    truth = target_of([[0, 1], [0, 1]])
    given = (truth * 2 - 1) * 3
    kept = refiner_loss(Prediction(given, given), truth, boundary=0, restraint=0.1)
    changed = refiner_loss(Prediction(given + 1, given), truth, boundary=0, restraint=0.1)
    unpaid = refiner_loss(Prediction(given + 1, given), truth, boundary=0, restraint=0)
    assert (changed - unpaid).item() == pytest.approx(0.1)
    assert kept.item() == pytest.approx(jaccard_loss(given, truth).item())


def test_a_network_without_a_coarse_matte_is_judged_by_the_matte_alone():
    said, truth = logits_of([[1, 1, 0], [0, 0, 0]]), target_of([[0, 1, 1], [0, 0, 0]])
    expected = jaccard_loss(said, truth).item()
    assert segmenter_loss(Prediction(said), truth, 0).item() == pytest.approx(expected)


def test_unsteadiness_is_the_difference_between_two_looks_at_the_same_scene():
    once, other = logits_of([[1, 0, 0, 0]]), logits_of([[0, 1, 0, 0]])
    again = logits_of([[1, 0, 1, 0]])
    shown = torch.cat((once, other, again))
    assert unsteadiness(shown, 1).item() == pytest.approx(0.25)
    assert unsteadiness(torch.cat((once, other, once)), 1).item() == pytest.approx(0)


def test_a_small_piece_of_an_empty_room_has_a_price():
    nobody = torch.zeros(1, 1, 20, 20)
    clean = torch.full((1, 1, 20, 20), -SURE)
    piece = clean.clone()
    piece[..., 3, 4:12] = 5.0  # 2 % of the pixels
    assert emptiness(clean, nobody).item() == pytest.approx(0, abs=1e-6)
    assert emptiness(piece, nobody).item() == pytest.approx(math.log1p(math.exp(5)), rel=1e-5)


def test_emptiness_leaves_scenes_with_people_alone():
    somebody = torch.zeros(1, 1, 20, 20)
    somebody[..., 5:9, 5:9] = 1
    said = torch.full((1, 1, 20, 20), SURE)
    assert emptiness(said, somebody).item() == 0
    both = emptiness(torch.cat([said, said]), torch.cat([somebody, 0 * somebody]))
    assert both.item() == pytest.approx(SURE)


def opacity(matte: list[float]) -> torch.Tensor:
    """Logits of these opacities, in one row."""
    return torch.tensor(matte)[None, None, None].logit(eps=1e-6)


def test_softness_is_the_error_of_the_opacities_and_of_their_steps():
    truth = torch.tensor([0.0, 0.5, 1.0])[None, None, None]
    assert softness_loss(opacity([0, 0.5, 1]), truth).item() == pytest.approx(0, abs=1e-4)
    errors, steps = 0.2, 0.2 + 0.2
    assert softness_loss(opacity([0, 0.7, 1]), truth).item() == pytest.approx(
        (errors + steps) / 3, abs=1e-4
    )


def test_softness_wants_no_harder_edge_than_the_true_one():
    truth = torch.tensor([0.0, 0.2, 0.8, 1.0])[None, None, None]
    soft, hard = opacity([0, 0.2, 0.8, 1]), opacity([0, 0, 1, 1])
    assert softness_loss(soft, truth) < softness_loss(hard, truth)


def test_only_certain_pixels_away_from_people_are_strays():
    truth = torch.zeros(1, 1, 20, 100)
    truth[..., :10] = 1
    said = torch.full_like(truth, -SURE)
    said[..., 12:20] = SURE
    assert strays(said, truth).item() == pytest.approx(0, abs=1e-4)
    said[..., 60:64] = SURE
    assert strays(said, truth).item() == pytest.approx(SURE, abs=0.1)
    assert strays(said, torch.zeros_like(truth)).item() == 0
