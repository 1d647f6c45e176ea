"""A run's whole state in one file, whole at any moment."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, optim

from segcam_models.config import Recipe, recipe_of
from segcam_models.ema import Average
from segcam_models.network import Network, build
from segcam_models.validate import Scores

BEST = "best.pt"
"""The file of the weights that validated best, in the run's folder."""


@dataclass(slots=True)
class Run:
    """What a run is made of, apart from its data.

    Attributes:
        network: In training.
        average: Its averaged weights.
        optimizer: With its moments.
        step: Updates done.
        best: Highest validation score so far.
    """

    network: Network
    average: Average
    optimizer: optim.Optimizer
    step: int = 0
    best: float = 0.0

    def save(self, path: Path) -> None:
        """Write everything, the generators' state included; an interrupt leaves the old file."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "best": self.best,
            "random": torch.get_rng_state(),
        }
        _write_whole(state, path)

    def load(self, path: Path) -> None:
        """Go on from a file that ``save`` wrote."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best = state["step"], state["best"]
        torch.set_rng_state(state["random"])


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run has come to.

    Attributes:
        recipe: Of the run.
        network: With the averaged weights, in evaluation mode.
        step: After which they were taken.
        scores: On the validation split.
    """

    recipe: Recipe
    network: Network
    step: int
    scores: Scores


def save_trained(trained: Trained, path: Path) -> None:
    """Write weights and where they come from; an interrupt leaves the old file."""
    state = {
        "name": trained.recipe.name,
        "recipe": trained.recipe.as_tables(),
        "network": trained.network.state_dict(),
        "step": trained.step,
        "scores": asdict(trained.scores),
    }
    _write_whole(state, path)


def load_trained(path: Path) -> Trained:
    """Read what ``save_trained`` wrote."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    recipe = recipe_of(state["name"], state["recipe"])
    network = build(recipe.model).eval()
    network.load_state_dict(state["network"])
    return Trained(recipe, network, state["step"], Scores(**state["scores"]))


def weights_for(recipe: Recipe, start: Path) -> dict[str, Tensor]:
    """The best weights of another run of the same model, of whatever size.

    Most of a training can be done on small pictures, which take a fraction of the time.

    Raises:
        ValueError: That run's model is another one.
    """
    trained = load_trained(start)
    if replace(trained.recipe.model, size=recipe.model.size) != recipe.model:
        raise ValueError(f"{start} is of another model: {trained.recipe.model}")
    return trained.network.state_dict()


def _write_whole(state: dict[str, Any], path: Path) -> None:
    """Write beside the file, then put it in its place in one step."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
