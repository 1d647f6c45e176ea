from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from segcam_models.data.camera import spoil, streak  # noqa: E402
from segcam_models.data.composite import rush  # noqa: E402
from segcam_models.data.crop import Scene  # noqa: E402
from segcam_models.data.dataset import Numbers, PlainScenes, Scenes, batches  # noqa: E402
from segcam_models.data.framing import CLOSE_UP, FAR, FIGURE, Box, frame_person  # noqa: E402
from segcam_models.data.pictures import load_pictures, split_of  # noqa: E402
from segcam_models.data.scene import plain_scene, random_scene  # noqa: E402
from segcam_models.data.views import segmenter_view  # noqa: E402

SIZE = (64, 96)


def test_nobody_is_in_two_splits(data_folder: Path):
    ids = {
        split: {person.id for person in load_pictures(data_folder, split).people}
        for split in ("train", "val", "test")
    }
    assert sum(map(len, ids.values())) == len(set.union(*ids.values())) == 40
    assert all(ids.values())
    assert len(ids["train"]) > 25


def test_a_person_stays_in_their_split_when_data_grows():
    before = {name: split_of(name) for name in ("0001", "0002", "0815")}
    assert before == {name: split_of(name) for name in before}
    shares = [split_of(f"{number:04}") for number in range(2000)]
    assert shares.count("test") == pytest.approx(200, abs=50)


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"people/images holds no \*\.jpg of the split val"):
        load_pictures(tmp_path, "val")


def test_scenes_are_the_same_for_the_same_seed_and_number(data_folder: Path):
    pictures = load_pictures(data_folder, "train")
    one = Scenes(pictures, SIZE, segmenter_view, seed=3)
    same = Scenes(pictures, SIZE, segmenter_view, seed=3)
    other = Scenes(pictures, SIZE, segmenter_view, seed=4)
    for number in range(12):
        np.testing.assert_array_equal(one[number][0], same[number][0])
        np.testing.assert_array_equal(one[number][1], same[number][1])
    assert any((one[number][0] != other[number][0]).any() for number in range(12))


def test_scenes_hold_people_most_of_the_time_and_nobody_at_times(data_folder: Path):
    scenes = Scenes(load_pictures(data_folder, "train"), SIZE, segmenter_view, seed=1)
    shares = np.array([scenes[number][1].mean() for number in range(200)])
    assert 0.6 < (shares > 0.02).mean() < 1
    assert (shares == 0).any()


def test_the_mask_lies_on_the_person(data_folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The drawn people are brighter than their rooms: picture and mask must move together."""
    monkeypatch.setattr("segcam_models.data.composite.BACKLIGHT_SHARE", 0)
    pictures = load_pictures(data_folder, "train")
    for number in range(60):
        scene = random_scene(pictures, SIZE, np.random.default_rng(number))
        person, room = scene.matte > 250, scene.matte < 5
        if person.sum() > 50 and room.sum() > 50:
            light = scene.image.max(axis=2)
            assert light[person].mean() > light[room].mean(), f"scene {number}"


def test_plain_scenes_are_unspoilt_crops(data_folder: Path):
    person = load_pictures(data_folder, "test").people[0]
    scene = plain_scene(person, FIGURE, SIZE, np.random.default_rng(0))
    assert set(np.unique(scene.matte)) >= {0, 255}
    assert scene.image.shape == (*SIZE, 3)


def test_a_close_up_shows_less_than_a_figure(data_folder: Path):
    matte = load_pictures(data_folder, "train").people[0].matte
    close = frame_person(matte, CLOSE_UP, 1.5, np.random.default_rng(0))
    whole = frame_person(matte, FIGURE, 1.5, np.random.default_rng(0))
    assert close.height < whole.height / 2
    assert close.width == pytest.approx(1.5 * close.height)


def test_a_crop_is_moved_and_shrunk_into_the_picture():
    assert Box(-10, 5, 40, 60).inside((96, 64)) == Box(0, 4, 40, 60)
    shrunk = Box(0, 0, 80, 128).inside((96, 64))
    assert (shrunk.height, shrunk.width) == (40, 64)


@pytest.mark.parametrize("flip", [False, True])
def test_the_map_of_a_crop_leads_its_corners_to_the_canvas_corners(flip: bool):
    onto = Box(10, 20, 30, 40).onto((60, 80), flip)
    corner = onto @ np.array([20, 10, 1])
    expected = (79, 0) if flip else (0, 0)
    np.testing.assert_allclose(corner, expected, atol=1e-9)


def test_spoiling_leaves_the_picture_alone_and_repeats():
    image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    before = image.copy()
    for seed in range(40):
        first = spoil(image, np.random.default_rng(seed))
        again = spoil(image, np.random.default_rng(seed))
        np.testing.assert_array_equal(first, again)
        assert first.shape == image.shape
        assert first.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


def test_ranks_share_a_step_and_a_later_start_goes_on():
    whole = list(Numbers(batch=4, first=0, last=6))
    ranks = [list(Numbers(batch=4, first=0, last=6, rank=rank, ranks=2)) for rank in (0, 1)]
    assert whole == list(range(24))
    assert [ranks[0][:2], ranks[1][:2]] == [[0, 1], [2, 3]]
    assert sorted(ranks[0] + ranks[1]) == whole
    assert list(Numbers(batch=4, first=2, last=6)) == whole[8:]


def test_batches_are_the_numbered_scenes(data_folder: Path):
    scenes = Scenes(load_pictures(data_folder, "train"), SIZE, segmenter_view, seed=1)
    inputs, targets = next(iter(batches(scenes, Numbers(4, 3, 5), workers=0)))
    assert inputs.shape == (4, 3, *SIZE)
    assert targets.shape == (4, 1, *SIZE)
    np.testing.assert_array_equal(inputs[1].numpy(), scenes[13][0])


def test_held_out_scenes_alternate_between_shots(data_folder: Path):
    pictures = load_pictures(data_folder, "val")
    scenes = PlainScenes(pictures, SIZE, segmenter_view)
    assert len(scenes) == 2 * len(pictures.people)
    assert scenes[1][1].mean() > scenes[0][1].mean(), "a close-up is more person"


@pytest.mark.parametrize(("length", "degrees"), [(5, 0.0), (9, 45.0), (32, 170.0)])
def test_a_streak_keeps_the_light(length: int, degrees: float):
    kernel = streak(length, degrees)
    assert kernel.shape == (length, length)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)


def test_who_moves_is_smeared_with_their_matte_and_keeps_their_colour():
    matte = np.zeros((64, 96), np.uint8)
    matte[:, 40:] = 255
    image = np.where(matte[..., None] > 0, np.uint8(200), np.zeros(3, np.uint8))
    moved = rush(Scene(image, matte), np.random.default_rng(1))
    soft = (moved.matte > 20) & (moved.matte < 235)
    assert soft.any()
    np.testing.assert_allclose(moved.image[soft].astype(int), 200, atol=3)


def test_an_index_says_which_taught_pictures_are_trained_on(data_folder: Path, tmp_path: Path):
    names = [path.stem for path in sorted((data_folder / "people/images").iterdir())[:4]]
    for kind, ending in (("images", "jpg"), ("masks", "png")):
        (tmp_path / kind).mkdir()
        for name in names:
            source = data_folder / f"people/{kind}/{name}.{ending}"
            (tmp_path / f"{kind}/x_{name}.{ending}").write_bytes(source.read_bytes())
    rows = [f"x_{name},{'train' if n % 2 else 'judge'}" for n, name in enumerate(names)]
    (tmp_path / "index.csv").write_text("\n".join(["id,use", *rows]), encoding="utf-8")
    taught = load_pictures(data_folder, "train", taught=tmp_path).taught
    expected = [load_pictures(data_folder, "train").people[0].image.shape] * 2
    assert [person.image.shape for person in taught] == expected
    assert load_pictures(data_folder, "val", taught=tmp_path).taught == ()


def test_a_taught_run_is_trained_on_frame_by_frame_unless_its_licence_is_passed_on(
    data_folder: Path, tmp_path: Path
):
    (name, *_) = (path.stem for path in sorted((data_folder / "people/images").iterdir()))
    for run in ("free", "unfree"):
        (tmp_path / f"runs/{run}").mkdir(parents=True)
        for kind, ending in (("images", "jpg"), ("masks", "png")):
            source = data_folder / f"people/{kind}/{name}.{ending}"
            for frame in ("00", "01"):
                (tmp_path / f"runs/{run}/{frame}.{ending}").write_bytes(source.read_bytes())
    rows = ["id,use,licence", "runs/free,train,CC BY 4.0", "runs/unfree,train,HaGRID CC BY-SA 4.0"]
    (tmp_path / "index.csv").write_text("\n".join(rows), encoding="utf-8")
    taught = load_pictures(data_folder, "train", taught=tmp_path).taught
    assert [person.id for person in taught] == ["free", "free"]
    assert all((person.matte > 127).any() for person in taught)


def test_people_far_from_the_camera_are_small_and_whole(data_folder: Path):
    person = load_pictures(data_folder, "train").people[0]
    far = frame_person(person.matte, FAR, 1.5, np.random.default_rng(0))
    tall = np.flatnonzero((person.matte > 127).any(axis=1))
    assert far.height > 1.15 * (tall[-1] - tall[0])


def test_people_before_a_bright_window_are_darker_than_their_room(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("segcam_models.data.scene.REAL_SHARE", 0)
    pictures = load_pictures(data_folder, "train")

    def contrast(share: float) -> float:
        """Light of the people over that of their rooms, a mean over scenes."""
        monkeypatch.setattr("segcam_models.data.composite.BACKLIGHT_SHARE", share)
        scenes = [random_scene(pictures, SIZE, np.random.default_rng(n)) for n in range(30)]
        both = [s for s in scenes if (s.matte > 250).any() and (s.matte < 5).any()]
        return float(
            np.mean([s.image[s.matte > 250].mean() / s.image[s.matte < 5].mean() for s in both])
        )

    assert contrast(1) < contrast(0) / 2
