"""Train a model: ``python -m segcam_models.train CONFIG --data DIR --out DIR``.

You can stop it at any time; the same command continues where it stopped. Many processes: ``torchrun
--nproc-per-node N -m segcam_models.train ...``.
"""

from __future__ import annotations

import argparse
import math
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import torch
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from segcam_models.checkpoint import BEST, Run, Trained, save_trained, weights_for
from segcam_models.config import Recipe, RefinerConfig, TrainConfig, load_recipe
from segcam_models.data.coarse import CoarseModel
from segcam_models.data.dataset import Batch, Mix, Numbers, PlainScenes, Scenes, batches, spread
from segcam_models.data.lookalike import Lookalikes
from segcam_models.data.pictures import load_pictures, load_unlabeled
from segcam_models.data.recall import Recall
from segcam_models.data.views import scene_size, view_of
from segcam_models.ema import Average
from segcam_models.log import Log
from segcam_models.losses import (
    Prediction,
    emptiness,
    refiner_loss,
    segmenter_loss,
    softness_loss,
    strays,
    unsteadiness,
)
from segcam_models.network import build
from segcam_models.ranks import Ranks
from segcam_models.validate import validate

SAVE_EVERY_S = 60.0
AGAIN = 4
"""One of this many scenes is shown a second time, like the next frame of a webcam."""


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="segcam_models.train", description="Train a model.")
    parser.add_argument("recipe", type=Path, help="a file of models/configs")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where the run's files go")
    parser.add_argument("--coarse", type=Path, help="the TFLite model to sharpen or recall")
    parser.add_argument("--taught", type=Path, help="a folder that segcam_models.teach wrote")
    parser.add_argument("--start", type=Path, help="best.pt of another run, to start from")
    parser.add_argument("--workers", type=int, default=2, help="loader processes (2)")
    parser.add_argument(
        "--set", action="append", default=[], help="change the config: model.width=1.5"
    )
    parser.add_argument("--limit", type=int, help="number of people and rooms, for a trial")
    options = parser.parse_args()
    recipe = load_recipe(options.recipe, options.set)
    ranks = Ranks.join()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        trainer = Trainer(recipe, ranks, options.out, options.start)
        view = view_of(recipe.model, options.coarse)
        size = scene_size(recipe.model)
        pictures = load_pictures(options.data, "train", options.limit, options.taught)
        if not recipe.train.cutouts:
            pictures = replace(pictures, cutouts=())
        scenes = Scenes(pictures, size, view, recipe.train.seed, mix_of(recipe, options))
        held_out = PlainScenes(load_pictures(options.data, "val", options.limit), size, view)
        trainer.train(
            batches(scenes, trainer.numbers(), options.workers),
            spread(held_out, recipe.train.checks),
        )
    finally:
        ranks.leave()


class Trainer:
    """One run: the loop, its schedule, its files.

    Args:
        recipe: The model and its training.
        ranks: This process among all.
        out: An existing folder for ``checkpoint.pt``, ``best.pt``, ``log.csv``, ``curves.png``.
        start: Initial weights: another run's best ones. A checkpoint in the folder takes
            precedence.

    Attributes:
        run: The state, from the folder's checkpoint if there is one.
    """

    def __init__(self, recipe: Recipe, ranks: Ranks, out: Path, start: Path | None = None) -> None:
        self._recipe, self._ranks, self._out = recipe, ranks, out
        torch.manual_seed(recipe.train.seed)
        # Channels-last halves the time of a step on processors, and suits tensor cores.
        network = build(recipe.model).to(ranks.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if start and not self._checkpoint.exists():
            network.load_state_dict(weights_for(recipe, start))
        optimizer = torch.optim.AdamW(
            network.parameters(), recipe.train.rate, weight_decay=recipe.train.decay
        )
        self.run = Run(network, Average(network, recipe.train.ema), optimizer)
        if self._checkpoint.exists():
            self.run.load(self._checkpoint)
        self._parallel = ranks.wrap(network)
        self._log = Log(out, self.run.step)
        self._loss_of = loss_of(recipe)
        self._stop = False

    @property
    def _checkpoint(self) -> Path:
        return self._out / "checkpoint.pt"

    def numbers(self) -> Numbers:
        """The remaining scenes of this process."""
        plan = self._recipe.train
        return Numbers(plan.batch, self.run.step, plan.steps, self._ranks.rank, self._ranks.count)

    def train(self, scenes: Iterable[Batch], held_out: Callable[[], Iterable[Batch]]) -> None:
        """Run the remaining steps, or until SIGINT or SIGTERM.

        Args:
            scenes: One batch per step, for this process.
            held_out: Gives the validation batches at each call.
        """
        start, saved = time.monotonic() - self._log.seconds, time.monotonic()
        mean_loss = 0.0
        with self._signals(), self._progress() as progress:
            task = progress.add_task(self._recipe.name, total=self._recipe.train.steps, loss="-")
            for inputs, targets in scenes:
                loss = self._step(inputs, targets)
                mean_loss = loss if not mean_loss else 0.98 * mean_loss + 0.02 * loss
                progress.update(task, completed=self.run.step, loss=f"{mean_loss:.4f}")
                if self._due():
                    self._check(held_out, mean_loss, time.monotonic() - start)
                stop = self._ranks.agree(self._stop)
                if stop or self._due() or time.monotonic() - saved > SAVE_EVERY_S:
                    self._save()
                    saved = time.monotonic()
                if stop:
                    break

    def _step(self, inputs: Tensor, targets: Tensor) -> float:
        plan, device = self._recipe.train, self._ranks.device
        for group in self.run.optimizer.param_groups:
            group["lr"] = rate_at(self.run.step, plan)
        self._parallel.train()
        half = device.type == "cuda" or plan.bfloat16
        inputs, targets = _move(inputs, device), _move(targets, device)
        again = len(inputs) // AGAIN if plan.steady else 0
        if again:
            inputs = torch.cat((inputs, disturbed(inputs[:again])))
            targets = torch.cat((targets, targets[:again]))
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            prediction = self._parallel(inputs)
        loss = self._loss_of(prediction, targets)
        if again:
            loss = loss + plan.steady * unsteadiness(prediction.logits, again)
        self.run.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.run.network.parameters(), 5.0)
        self.run.optimizer.step()
        self.run.average.update(self.run.network, self.run.step)
        self.run.step += 1
        return float(loss.detach())

    def _due(self) -> bool:
        plan = self._recipe.train
        return self.run.step % plan.check == 0 or self.run.step == plan.steps

    def _check(self, held_out: Callable[[], Iterable[Batch]], loss: float, seconds: float) -> None:
        """Validate the averaged weights; keep them if they are the best so far."""
        if self._ranks.rank != 0:
            return
        average = self.run.average.network
        scores = validate(average, held_out(), self._ranks.device)
        self._log.add(
            {
                "step": self.run.step,
                "seconds": round(seconds),
                "loss": round(loss, 5),
                "miou": round(scores.miou, 5),
                "boundary": round(scores.boundary, 5),
                "contour": round(scores.contour, 5),
            }
        )
        if scores.mean > self.run.best:
            self.run.best = scores.mean
            save_trained(Trained(self._recipe, average, self.run.step, scores), self._out / BEST)

    def _save(self) -> None:
        if self._ranks.rank == 0:
            self.run.save(self._checkpoint)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Make the first SIGINT or SIGTERM end the run after the current step."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, self._ask_to_stop) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stop = True

    def _progress(self) -> Progress:
        return Progress(
            *Progress.get_default_columns()[:2],
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TimeRemainingColumn(),
            disable=self._ranks.rank != 0,
        )


def mix_of(recipe: Recipe, options: argparse.Namespace) -> Mix:
    """The kinds of scenes of a recipe.

    Raises:
        ValueError: It uses a model's answers, but ``--coarse`` names none.
    """
    plan = recipe.train
    mix = Mix(plan.rooms, plan.figures, plan.distant)
    if not (plan.recalled or plan.lookalikes):
        return mix
    if options.coarse is None:
        raise ValueError("This recipe needs --coarse, the TFLite model whose answers it uses.")
    model = CoarseModel(options.coarse)
    if plan.lookalikes:
        mix = replace(mix, lookalikes=plan.lookalikes, alike=Lookalikes(model))
    if plan.recalled:
        recall = Recall(load_unlabeled(options.data), model, recipe.model.size)
        mix = replace(mix, recalled=plan.recalled, recall=recall)
    return mix


def loss_of(recipe: Recipe) -> Callable[[Prediction, Tensor], Tensor]:
    """The loss for a recipe's kind of model."""
    plan = recipe.train
    if isinstance(recipe.model, RefinerConfig):
        return lambda said, truth: refiner_loss(said, truth, plan.boundary, plan.restraint)

    def loss(said: Prediction, truth: Tensor) -> Tensor:
        whole = segmenter_loss(said, truth, plan.boundary)
        for weight, term in (
            (plan.softness, softness_loss),
            (plan.emptiness, emptiness),
            (plan.strays, strays),
        ):
            if weight:
                whole = whole + weight * term(said.logits, truth)
        return whole

    return loss


def rate_at(step: int, plan: TrainConfig) -> float:
    """The learning rate of a step: a linear rise, then half a cosine down to 0."""
    if step < plan.warmup:
        return plan.rate * (step + 1) / plan.warmup
    share = (step - plan.warmup) / max(1, plan.steps - plan.warmup)
    return plan.rate * (1 + math.cos(math.pi * share)) / 2


def disturbed(inputs: Tensor) -> Tensor:
    """The same pictures with new noise, and a little brighter or darker, (N, C, H, W)."""
    gain = 1 + 0.02 * torch.randn(len(inputs), 1, 1, 1, device=inputs.device)
    return (inputs * gain + 0.012 * torch.randn_like(inputs)).clamp(0, 1)


def _move(batch: Tensor, device: torch.device) -> Tensor:
    return batch.to(device, non_blocking=True, memory_format=torch.channels_last)


if __name__ == "__main__":
    main()
