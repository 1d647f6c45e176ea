from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

SIZE = (96, 64)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Tiny tensors gain nothing from more, and threads that wait for each other lose much."""
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty drawn people in drawn rooms, forty rooms, two cut-outs: enough for every split."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("people/images", "people/masks", "backgrounds", "mattes"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(5)
    for number in range(40):
        picture, matte = draw_person(rng)
        cv2.imwrite(str(folder / f"people/images/{number:04}.jpg"), picture)
        cv2.imwrite(str(folder / f"people/masks/{number:04}.png"), matte)
        cv2.imwrite(str(folder / f"backgrounds/room_{number}.jpg"), draw_room(rng, (72, 108)))
        if number < 2:
            cv2.imwrite(str(folder / f"mattes/somebody_{number}.png"), np.dstack([picture, matte]))
    return folder


def draw_room(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    coarse = rng.integers(0, 120, (4, 6, 3), np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_LINEAR)


def draw_person(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A bright figure with a head, standing in a dark room."""
    picture, matte = draw_room(rng, SIZE), np.zeros(SIZE, np.uint8)
    middle = int(rng.integers(28, 36))
    cv2.circle(matte, (middle, 14), 7, 255, -1)
    cv2.ellipse(matte, (middle, 55), (14, 34), 0, 0, 360, 255, -1)
    picture[matte > 0] = rng.integers(170, 250, 3)
    return picture, matte
