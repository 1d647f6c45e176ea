from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.checkpoint import BEST, load_trained  # noqa: E402
from segcam_models.config import LandscapeConfig, Recipe, RefinerConfig, TrainConfig  # noqa: E402
from segcam_models.data.dataset import Numbers  # noqa: E402
from segcam_models.log import FIELDS, Log  # noqa: E402
from segcam_models.ranks import Ranks  # noqa: E402
from segcam_models.train import AGAIN, Trainer, disturbed, rate_at  # noqa: E402

RECIPE = """
[model]
kind = "segmenter"
convolution = "depthwise"
width = 0.25
size = [64, 64]

[train]
steps = 8
batch = 4
rate = 2e-3
warmup = 2
ema = 0.5
check = 4
checks = 4
"""
PLAN = TrainConfig(steps=6, batch=2, warmup=2, check=3, boundary=0.5, restraint=0.01)
REFINER = Recipe("tiny", RefinerConfig(size=(32, 32), channels=(8, 8, 8)), PLAN)
ONE = Ranks(0, 1, torch.device("cpu"))


def made_up(numbers: Numbers) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """A batch per step that depends on nothing but the step: bright is person."""
    for step in range(numbers.first, numbers.last):
        random = torch.Generator().manual_seed(step)
        inputs = torch.rand(2, 7, 16, 16, generator=random)
        yield inputs, (torch.nn.functional.pixel_shuffle(inputs[:, :4], 2) > 0.5).float()


def trained(folder: Path, steps: int | None = None) -> Trainer:
    folder.mkdir(exist_ok=True)
    trainer = Trainer(REFINER, ONE, folder)
    batches = made_up(trainer.numbers())
    if steps is not None:
        batches = stopping(batches, steps)
    trainer.train(batches, lambda: made_up(Numbers(2, 100, 102)))
    return trainer


def stopping(batches: Iterator, steps: int) -> Iterator:
    """Deliver batches and, with the last one, the signal that a user's Ctrl-C is."""
    for number, batch in enumerate(batches, 1):
        if number == steps:
            os.kill(os.getpid(), signal.SIGINT)
        yield batch


def weights_of(trainer: Trainer) -> list[torch.Tensor]:
    networks = trainer.run.network, trainer.run.average.network
    return [value for network in networks for value in network.state_dict().values()]


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_a_run_interrupted_anywhere_comes_to_the_same_weights(tmp_path: Path, stop: int):
    whole = trained(tmp_path / "whole")
    part = trained(tmp_path / "parts", stop)
    assert part.run.step == stop
    rest = trained(tmp_path / "parts")
    assert rest.run.step == whole.run.step == 6
    for one, other in zip(weights_of(whole), weights_of(rest), strict=True):
        torch.testing.assert_close(one, other)


def test_an_interrupt_gives_the_signal_back(tmp_path: Path):
    before = signal.getsignal(signal.SIGINT)
    trained(tmp_path, 2)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_finished_run_has_its_files(tmp_path: Path):
    trained(tmp_path)
    best = load_trained(tmp_path / BEST)
    assert best.recipe == REFINER
    assert best.step in (3, 6)
    table = (tmp_path / "log.csv").read_text().splitlines()
    assert table[0] == ",".join(FIELDS)
    assert [line.split(",")[0] for line in table[1:]] == ["3", "6"]
    assert cv2.imread(str(tmp_path / "curves.png")).shape == (480, 800, 3)
    assert not list(tmp_path.glob("*.part"))


def test_training_makes_the_loss_smaller(tmp_path: Path):
    plan = TrainConfig(steps=60, batch=2, warmup=2, rate=1e-2, check=60, boundary=0.5)
    trainer = Trainer(Recipe("tiny", REFINER.model, plan), ONE, tmp_path)
    same = [next(made_up(Numbers(2, 0, 1)))] * 60
    losses = [trainer._step(*batch) for batch in same]
    assert losses[-1] < 0.9 * losses[0]


def test_bfloat16_comes_to_about_the_same(tmp_path: Path):
    halved = replace(REFINER, train=replace(PLAN, bfloat16=True))
    batch = next(made_up(Numbers(2, 0, 1)))
    losses = []
    for name, recipe in (("whole", REFINER), ("half", halved)):
        (tmp_path / name).mkdir()
        losses.append(Trainer(recipe, ONE, tmp_path / name)._step(*batch))
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_the_rate_rises_and_falls():
    plan = TrainConfig(steps=110, batch=1, rate=1.0, warmup=10)
    rates = [rate_at(step, plan) for step in range(110)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[60] == pytest.approx(0.5)
    assert rates[-1] < 0.001


def test_the_log_forgets_what_a_lost_part_wrote(tmp_path: Path):
    log = Log(tmp_path, 0)
    for step in (10, 20, 30):
        log.add(dict.fromkeys(FIELDS, 0.5) | {"step": step, "seconds": step})
    again = Log(tmp_path, 20)
    assert again.seconds == 20
    again.add(dict.fromkeys(FIELDS, 0.5) | {"step": 25})
    steps = np.loadtxt(tmp_path / "log.csv", delimiter=",", skiprows=1)[:, 0]
    assert steps.tolist() == [10, 20, 25]


def test_a_run_begins_with_the_weights_of_a_smaller_one(tmp_path: Path):
    trained(tmp_path / "small")
    best = load_trained(tmp_path / "small" / BEST).network.state_dict()
    larger = replace(REFINER, model=replace(REFINER.model, size=(64, 64)))
    (tmp_path / "large").mkdir()
    run = Trainer(larger, ONE, tmp_path / "large", tmp_path / "small" / BEST).run
    assert run.step == 0
    for network in (run.network, run.average.network):
        for name, value in network.state_dict().items():
            torch.testing.assert_close(value, best[name])


def test_a_run_that_has_begun_goes_on_from_its_own_weights(tmp_path: Path):
    trained(tmp_path / "other")
    trainer = trained(tmp_path / "own", 2)
    again = Trainer(REFINER, ONE, tmp_path / "own", tmp_path / "other" / BEST)
    assert again.run.step == 2
    for one, other in zip(weights_of(trainer), weights_of(again), strict=True):
        torch.testing.assert_close(one, other)


def test_weights_of_another_model_are_refused(tmp_path: Path):
    trained(tmp_path / "other")
    wider = replace(REFINER, model=replace(REFINER.model, channels=(8, 8, 16)))
    with pytest.raises(ValueError, match="another model"):
        Trainer(wider, ONE, tmp_path, tmp_path / "other" / BEST)


@pytest.mark.skipif(sys.platform != "linux", reason="gloo over the loopback interface")
def test_one_and_two_processes_come_to_the_same_result(data_folder: Path, tmp_path: Path):
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE)
    alone = launch(recipe, data_folder, tmp_path / "one", processes=1)
    together = launch(recipe, data_folder, tmp_path / "two", processes=2)
    assert alone[0].keys() == together[0].keys()
    # Every process normalizes over its own half of the batch: equal within noise, not to the bit.
    assert together[1] == pytest.approx(alone[1], rel=0.05)
    for name, weight in alone[0].items():
        assert (weight - together[0][name]).abs().mean() < 0.01, name


def launch(
    recipe: Path, data: Path, out: Path, processes: int
) -> tuple[dict[str, torch.Tensor], float]:
    """Train in processes of their own; the weights and the last loss."""
    run = ["torch.distributed.run", f"--nproc-per-node={processes}", "--master-port=29517"]
    train = ["-m", "segcam_models.train", str(recipe), f"--data={data}", f"--out={out}"]
    command = [sys.executable, "-m", *(run if processes > 1 else []), *train, "--workers=0"]
    if processes == 1:
        command.remove("-m")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=100)
    rows = np.loadtxt(out / "log.csv", delimiter=",", skiprows=1)
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    weights = {name: value for name, value in state["network"].items() if "weight" in name}
    assert state["step"] == 8
    return weights, float(rows[-1, FIELDS.index("loss")])


def test_a_scene_that_is_shown_again_has_other_noise_and_counts_in_each_step(tmp_path: Path):
    plan = replace(PLAN, steps=1, batch=AGAIN, steady=1.0)
    trainer = Trainer(Recipe("tiny", LandscapeConfig(size=(32, 32)), plan), ONE, tmp_path)
    seen: list[torch.Tensor] = []
    trainer.run.network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    inputs, targets = torch.rand(AGAIN, 3, 32, 32), torch.ones(AGAIN, 1, 32, 32)
    trainer.train([(inputs, targets)], lambda: [(inputs, targets)])
    assert len(seen[0]) == AGAIN + 1
    apart = (seen[0][0] - seen[0][-1]).abs().mean()
    assert 0 < apart < 0.1


def test_a_disturbed_picture_stays_one():
    picture = torch.rand(2, 3, 16, 16)
    other = disturbed(picture)
    assert other.min() >= 0
    assert other.max() <= 1
    assert not torch.equal(other, picture)
