from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.data.dataset import Mix, Scenes
from segcam_models.data.lookalike import Lookalikes
from segcam_models.data.pictures import (
    Person,
    load_pictures,
    load_unlabeled,
    split_of,
)
from segcam_models.data.props import litter
from segcam_models.data.recall import Recall
from segcam_models.data.scene import distant_scene, empty_scene, moving_scene
from segcam_models.data.views import segmenter_view

SIZE = (64, 96)


class Bright:
    """A model for which all that is bright is a person, certainly."""

    def __call__(self, image: np.ndarray) -> np.ndarray:
        small = cv2.resize(image, (48, 32), interpolation=cv2.INTER_AREA)
        return (small.max(axis=2) > 150).astype(np.float32)


def unsure(image: np.ndarray) -> np.ndarray:
    return np.full((32, 48), 0.5, np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_an_empty_scene_has_nobody(data_folder: Path, seed: int):
    scene = empty_scene(load_pictures(data_folder, "val"), SIZE, np.random.default_rng(seed))
    assert scene.image.shape == (*SIZE, 3)
    assert not scene.matte.any()


def test_moving_figures_are_in_most_scenes_and_some_lie(data_folder: Path):
    pictures = load_pictures(data_folder, "train")
    mattes = [moving_scene(pictures, SIZE, np.random.default_rng(n)).matte > 127 for n in range(40)]
    seen = [matte for matte in mattes if matte.any()]
    assert len(seen) > 30
    lying = [np.ptp(np.nonzero(m)[1]) > np.ptp(np.nonzero(m)[0]) for m in seen]
    assert 0 < sum(lying) < len(lying)


@pytest.mark.parametrize("seed", range(6))
def test_litter_changes_a_part_of_the_room(seed: int):
    room = np.zeros((120, 200, 3), np.uint8)
    person = Person(
        "a", np.full((90, 60, 3), 200, np.uint8), np.full((90, 60), 255, np.uint8), True
    )
    after = litter(room, person, np.random.default_rng(seed))
    share = (after > 100).any(axis=2).mean()
    assert 0 < share < 0.8
    assert not room.any()


def test_recalled_scenes_have_the_models_answer(data_folder: Path):
    pictures = load_pictures(data_folder, "train")
    recall = Recall(tuple(person.image for person in pictures.people), Bright(), (32, 48))
    pairs = [recall(SIZE, np.random.default_rng(number)) for number in range(10)]
    for inputs, target in pairs:
        assert inputs.shape == (3, 32, 48)
        assert target.shape == (1, 32, 48)
        bgr = (inputs.transpose(1, 2, 0)[..., ::-1] * 255).round().astype(np.uint8)
        np.testing.assert_array_equal(target[0], Bright()(np.ascontiguousarray(bgr)))


def test_a_certain_answer_is_preferred(data_folder: Path):
    answers = iter([unsure, unsure, Bright(), Bright()])
    asked = []

    def model(image: np.ndarray) -> np.ndarray:
        asked.append(image)
        return next(answers)(image)

    bright = np.full((90, 60, 3), 255, np.uint8)
    _, target = Recall((bright,), model, (32, 48))(SIZE, np.random.default_rng(3))
    assert len(asked) > 2
    assert 0.5 not in target


def test_the_mix_chooses_the_kind_of_scene_by_its_number(data_folder: Path):
    pictures = load_pictures(data_folder, "train")
    empty = Scenes(pictures, SIZE, segmenter_view, 1, Mix(rooms=1))
    assert not any(empty[number][1].any() for number in range(10))
    images = tuple(person.image for person in pictures.people)
    recalled = Mix(recalled=1, recall=Recall(images, Bright(), SIZE))
    scenes = Scenes(pictures, SIZE, segmenter_view, 1, recalled)
    assert set(np.unique(scenes[0][1])) <= {0, 1}
    np.testing.assert_array_equal(scenes[5][0], scenes[5][0])
    plain, mixed = (
        Scenes(pictures, SIZE, segmenter_view, 1, mix) for mix in (None, Mix(rooms=0.3))
    )
    same = [np.array_equal(plain[n][0], mixed[n][0]) for n in range(30)]
    assert 10 < sum(same) < 30, "the scenes that are not rooms are unchanged"


def test_only_pictures_and_clips_of_the_training_split_are_recalled(tmp_path: Path):
    (tmp_path / "people_unlabeled").mkdir()
    (tmp_path / "webcam").mkdir()
    names = [f"{number:04}" for number in range(20)]
    for name in names:
        cv2.imwrite(str(tmp_path / f"people_unlabeled/{name}.jpg"), np.zeros((8, 8, 3), np.uint8))
    clips = [next(f"c{n}" for n in range(99) if split_of(f"c{n}") == s) for s in ("train", "test")]
    for clip in clips:
        path = str(tmp_path / f"webcam/{clip}.mkv")
        writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
        for level in range(60):
            writer.write(np.full((48, 64, 3), 100 + level, np.uint8))
        writer.release()
    found = load_unlabeled(tmp_path)
    stills = sum(split_of(name) == "train" for name in names)
    assert [image.shape[0] for image in found] == [8] * stills + [48] * 24


@pytest.mark.parametrize("seed", range(8))
def test_people_far_away_are_small(data_folder: Path, seed: int):
    pictures = load_pictures(data_folder, "train")
    scene = distant_scene(pictures, SIZE, np.random.default_rng(seed))
    assert scene.image.shape == (*SIZE, 3)
    assert (scene.matte > 127).mean() < 0.35


@pytest.mark.parametrize("seed", range(8))
def test_what_looks_like_somebody_is_mostly_seen_closely_and_has_nobody(
    data_folder: Path, seed: int
):
    seen = []

    class Remembers(Bright):
        def __call__(self, image: np.ndarray) -> np.ndarray:
            seen.append(super().__call__(image).mean())
            return super().__call__(image)

    pictures = load_pictures(data_folder, "train")
    scene = Lookalikes(Remembers())(pictures, SIZE, np.random.default_rng(seed))
    assert len(seen) == 6
    assert scene.image.shape == (*SIZE, 3)
    assert not scene.matte.any()


def test_of_several_views_the_one_most_like_a_person_is_taken(data_folder: Path, monkeypatch):
    monkeypatch.setattr("segcam_models.data.lookalike.CLOSE_SHARE", 0)
    monkeypatch.setattr("segcam_models.data.lookalike.spoiled", lambda scene, rng: scene)
    views = []

    class Third:
        """Sees somebody in the third view alone."""

        def __call__(self, image: np.ndarray) -> np.ndarray:
            views.append(image)
            return np.full((32, 48), 0.9 if len(views) == 3 else 0.1, np.float32)

    pictures = load_pictures(data_folder, "train")
    scene = Lookalikes(Third())(pictures, SIZE, np.random.default_rng(1))
    np.testing.assert_array_equal(scene.image, views[2])


def test_the_mix_has_people_far_away_and_lookalikes(data_folder: Path):
    pictures = load_pictures(data_folder, "train")
    alike = Scenes(pictures, SIZE, segmenter_view, 1, Mix(lookalikes=1, alike=Lookalikes(Bright())))
    assert not any(alike[number][1].any() for number in range(5))
    distant = Scenes(pictures, SIZE, segmenter_view, 1, Mix(distant=1))
    assert all(0 < (distant[number][1] > 0.5).mean() < 0.35 for number in range(5))
