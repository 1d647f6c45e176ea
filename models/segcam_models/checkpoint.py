"""Stores a run's whole state in one file, atomically."""

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
    """The state of a run, without its data.

    Attributes:
        network: In training.
        average: Its averaged weights.
        optimizer: Including its moments.
        step: Updates done.
        best: Highest validation score so far.
    """

    network: Network
    average: Average
    optimizer: optim.Optimizer
    step: int = 0
    best: float = 0.0

    def save(self, path: Path) -> None:
        """Write everything, including the random generators; an interrupt leaves the old file."""
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
        """Continue from a file that ``save`` wrote."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.best = state["step"], state["best"]
        torch.set_rng_state(state["random"])


@dataclass(frozen=True, slots=True)
class Trained:
    """The result of a run.

    Attributes:
        recipe: The run's recipe.
        network: With the averaged weights, in evaluation mode.
        step: The step of these weights.
        scores: On the validation split.
    """

    recipe: Recipe
    network: Network
    step: int
    scores: Scores


def save_trained(trained: Trained, path: Path) -> None:
    """Write weights and their origin; an interrupt leaves the old file."""
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
    """The best weights of another run of the same model, at any size.

    Most of a training can be done on small pictures, which take a fraction of the time.

    Raises:
        ValueError: That run's model is another one.
    """
    trained = load_trained(start)
    if replace(trained.recipe.model, size=recipe.model.size) != recipe.model:
        raise ValueError(f"{start} is of another model: {trained.recipe.model}")
    return trained.network.state_dict()


def _write_whole(state: dict[str, Any], path: Path) -> None:
    """Write a temporary file, then rename it."""
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
