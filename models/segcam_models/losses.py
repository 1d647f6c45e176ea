"""The losses of training."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor
from torch.nn import functional


class Prediction(NamedTuple):
    """A network's output in training.

    Attributes:
        logits: (N, 1, H, W), before the sigmoid.
        coarse: Logits of the coarse matte. A segmenter's own, at stride 32; a refiner's input, at
            full size. None if a network has none.
    """

    logits: Tensor
    coarse: Tensor | None = None


def jaccard_loss(logits: Tensor, target: Tensor) -> Tensor:
    """1 minus the soft intersection over union, per picture, then the mean over the pictures.

    With p the predicted and t the true opacity, ``IoU = (sum p t + 1) / (sum (p + t - p t) + 1)``,
    the sums over one picture. The 1, worth one pixel, defines the loss of a picture without people:
    ``1 - 1 / (1 + sum p)``. It is 0 only if nothing is predicted, and its gradient is not 0, so the
    network learns from it. The mean is over pictures, not pixels, so a small person counts as much
    as a large one.

    Source: Jaccard 1912; Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural
    Networks for Image Segmentation", ISVC 2016, equation 3, for the soft form.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W), 0..1.
    """
    matte = logits.float().sigmoid()
    both = (matte * target).sum((1, 2, 3))
    either = (matte + target - matte * target).sum((1, 2, 3))
    return (1 - (both + 1) / (either + 1)).mean()


def boundary_loss(logits: Tensor, target: Tensor, reach: int = 4) -> Tensor:
    """Cross entropy over the pixels within ``reach`` of the true edge; 0 where there is no edge.

    A pixel is near the edge if the target varies in the square around it. The mean is over all such
    pixels of the batch: pictures count by the length of their edge.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W), 0..1.
        reach: In pixels, 1 or more.
    """
    near = _near_edge(target, reach)
    each = functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (each * near).sum() / near.sum().clamp(min=1)


def softness_loss(logits: Tensor, target: Tensor, reach: int = 4) -> Tensor:
    """Mean difference of the opacities, and of their gradients, within ``reach`` of the true edge.

    Unlike cross entropy it does not reward an edge that is harder than the true one.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W), 0..1.
        reach: In pixels, 1 or more.
    """
    near = _near_edge(target, reach)
    error = logits.float().sigmoid() - target
    down, across = error.diff(dim=2).abs() * near[:, :, 1:], error.diff(dim=3).abs() * near[..., 1:]
    whole = (error.abs() * near).sum() + down.sum() + across.sum()
    return whole / near.sum().clamp(min=1)


def segmenter_loss(prediction: Prediction, target: Tensor, boundary: float) -> Tensor:
    """Jaccard of the matte and, at half the weight, of a coarse one, plus the boundary term.

    Args:
        prediction: A segmenter's.
        target: (N, 1, H, W), 0..1.
        boundary: Weight of the boundary term; 0 is the paper's loss.
    """
    loss = jaccard_loss(prediction.logits, target)
    if prediction.coarse is not None:
        height, width = prediction.coarse.shape[2:]
        small = functional.adaptive_avg_pool2d(target, (height, width))
        loss = loss + 0.5 * jaccard_loss(prediction.coarse, small)
    if boundary:
        loss = loss + boundary * boundary_loss(prediction.logits, target)
    return loss


def refiner_loss(
    prediction: Prediction, target: Tensor, boundary: float, restraint: float
) -> Tensor:
    """Jaccard and boundary term, and a price on every change to the given matte.

    Args:
        prediction: A refiner's.
        target: (N, 1, H, W), 0..1.
        boundary: Weight of the boundary term.
        restraint: Price of one logit of change, averaged over the pixels: without a reason in the
            picture, the given matte stays.
    """
    assert prediction.coarse is not None
    loss = jaccard_loss(prediction.logits, target)
    loss = loss + boundary * boundary_loss(prediction.logits, target)
    return loss + restraint * (prediction.logits - prediction.coarse).abs().mean()


def emptiness(logits: Tensor, target: Tensor) -> Tensor:
    """Mean over the scenes without people: cross entropy of their 2 % most certain pixels.

    A piece of furniture that is taken for a person is small: the mean over all pixels hides it.
    0 if there are people in all scenes.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W), 0..1.
    """
    empty = logits.float()[target.amax((1, 2, 3)) < 0.5 / 255].flatten(1)
    if not len(empty):
        return logits.new_zeros(())
    most = empty.topk(max(1, empty.shape[1] // 50)).values
    return functional.softplus(most).mean()


def strays(logits: Tensor, target: Tensor, away: int = 16) -> Tensor:
    """The same as `emptiness` for the scenes with people: of the pixels that far from them.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W), 0..1.
        away: Least distance from people, in pixels.
    """
    side = 2 * away + 1
    near = functional.max_pool2d(target, side, 1, away) > 0.02
    inhabited = target.amax((1, 2, 3)) > 0.5
    far = logits.float().masked_fill(near, -30.0)[inhabited].flatten(1)
    if not len(far):
        return logits.new_zeros(())
    return functional.softplus(far.topk(max(1, far.shape[1] // 50)).values).mean()


def unsteadiness(logits: Tensor, again: int) -> Tensor:
    """Mean difference, over the pixels, of the mattes of scenes that were shown twice.

    Args:
        logits: (N + again, 1, H, W): the last ``again`` are repetitions of the first scenes.
        again: How many were shown twice, 1 or more.
    """
    mattes = logits.float().sigmoid()
    return (mattes[:again] - mattes[-again:]).abs().mean()


def _near_edge(target: Tensor, reach: int) -> Tensor:
    """1 where the square of ``reach`` around a pixel contains both person and room, else 0."""
    side = 2 * reach + 1
    rows = functional.avg_pool2d(target, (side, 1), 1, (reach, 0), count_include_pad=False)
    around = functional.avg_pool2d(rows, (1, side), 1, (0, reach), count_include_pad=False)
    return ((around > 1e-3) & (around < 1 - 1e-3)).float()
