"""Batches of numbered scenes, so that a run can stop and continue anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from segcam_models.data.coarse import F32
from segcam_models.data.crop import Rng, Scene
from segcam_models.data.framing import CLOSE_UP, UPPER_BODY, Size
from segcam_models.data.lookalike import Lookalikes
from segcam_models.data.pictures import Pictures
from segcam_models.data.recall import Recall
from segcam_models.data.scene import (
    distant_scene,
    empty_scene,
    moving_scene,
    plain_scene,
    random_scene,
)
from segcam_models.data.views import View

Sample = tuple[F32, F32]
Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Mix:
    """Special kinds of scenes; all others are ``random_scene``'s.

    Attributes:
        rooms: Share of rooms without people.
        figures: Share of whole figures in motion.
        distant: Share of people far away.
        lookalikes: Share of rooms that look like people.
        alike: Makes these.
        recalled: Share of pictures with another model's answers.
        recall: Makes these.
    """

    rooms: float = 0.0
    figures: float = 0.0
    distant: float = 0.0
    lookalikes: float = 0.0
    alike: Lookalikes | None = None
    recalled: float = 0.0
    recall: Recall | None = None


class Scenes(Dataset[Sample]):
    """Endless random scenes: number n is always the same picture, in any process.

    Args:
        pictures: Source of the scenes.
        size: (H, W) of the scene.
        view: Makes the network's tensors.
        seed: Another seed, other scenes.
        mix: Shares of special scenes; by default there are none.
    """

    def __init__(
        self, pictures: Pictures, size: Size, view: View, seed: int, mix: Mix | None = None
    ) -> None:
        self._pictures, self._size, self._view, self._seed = pictures, size, view, seed
        self._mix = mix or Mix()

    def __getitem__(self, index: int) -> Sample:
        rng = np.random.default_rng((self._seed, index))
        mix, kind = self._mix, np.random.default_rng((self._seed, index, 1)).random()
        if mix.recall and kind < mix.recalled:
            return mix.recall(self._size, rng)
        return self._view(self._maker(kind)(self._pictures, self._size, rng), rng)

    def _maker(self, kind: float) -> Callable[[Pictures, Size, Rng], Scene]:
        """What makes the scene, by a number of 0..1."""
        mix, limit = self._mix, 1.0
        for share, make in (
            (mix.rooms, empty_scene),
            (mix.figures, moving_scene),
            (mix.distant, distant_scene),
            (mix.lookalikes, mix.alike),
        ):
            limit -= share
            if make is not None and kind > limit:
                return make
        return random_scene


class PlainScenes(Dataset[Sample]):
    """Two undisturbed crops of each real picture: even numbers upper bodies, odd close-ups."""

    def __init__(self, pictures: Pictures, size: Size, view: View) -> None:
        self._people, self._size, self._view = pictures.people, size, view

    def __len__(self) -> int:
        return 2 * len(self._people)

    def __getitem__(self, index: int) -> Sample:
        shot = CLOSE_UP if index % 2 else UPPER_BODY
        rng = np.random.default_rng(index)
        return self._view(plain_scene(self._people[index // 2], shot, self._size, rng), rng)


@dataclass(frozen=True, slots=True)
class Numbers(Sampler[int]):
    """The scenes of one rank, in order: step s takes the numbers from ``s * batch`` on.

    Attributes:
        batch: Scenes per step, over all ranks.
        first, last: Steps, excluding the last.
        rank, ranks: This process and their number, which divides ``batch``.
    """

    batch: int
    first: int
    last: int
    rank: int = 0
    ranks: int = 1

    def __iter__(self) -> Iterator[int]:
        share = self.batch // self.ranks
        for step in range(self.first, self.last):
            start = step * self.batch + self.rank * share
            yield from range(start, start + share)

    def __len__(self) -> int:
        return (self.last - self.first) * (self.batch // self.ranks)


def batches(
    scenes: Dataset[Sample], numbers: Numbers, workers: int
) -> DataLoader[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of one rank, prepared by that many processes."""
    return DataLoader(
        scenes,  # type: ignore[arg-type]  # the loader hands on what default_collate makes of them
        batch_size=numbers.batch // numbers.ranks,
        sampler=numbers,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
    )


def spread(scenes: PlainScenes, count: int) -> Callable[[], Iterable[Batch]]:
    """``count`` scenes, upper bodies and close-ups alike, evenly from all people; 8 a batch."""
    count = min(count, len(scenes))
    chosen = [index * len(scenes) // count for index in range(count)]
    made = [tuple(map(torch.from_numpy, scenes[index])) for index in chosen]
    parts = [made[start : start + 8] for start in range(0, count, 8)]
    batched = [
        (torch.stack([a for a, _ in part]), torch.stack([b for _, b in part])) for part in parts
    ]
    return lambda: batched
