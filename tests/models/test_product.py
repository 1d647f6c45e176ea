from __future__ import annotations

import json
from pathlib import Path
from shutil import copyfile

import cv2
import numpy as np
import pytest
from segcam_models import cases, product
from segcam_models.cases import Case, write_cases
from segcam_models.data.pictures import split_of
from segcam_models.sheets import write_sheets


@pytest.fixture(scope="module")
def data(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn people, two taught pictures to judge by, a run, a sequence and a clip."""
    folder = tmp_path_factory.mktemp("all")
    for name in ("people", "backgrounds"):
        (folder / name).symlink_to(data_folder / name)
    taught, run = folder / "taught", folder / "taught/runs/one"
    sequence = folder / "video_masks/dancer"
    for made in (taught / "images", taught / "masks", run, sequence / "images", sequence / "masks"):
        made.mkdir(parents=True)
    for number in range(3):
        image = data_folder / f"people/images/{number:04}.jpg"
        mask = data_folder / f"people/masks/{number:04}.png"
        copyfile(image, taught / f"images/p_{number}.jpg")
        copyfile(mask, taught / f"masks/p_{number}.png")
        copyfile(image, run / f"{number}.jpg")
        copyfile(mask, run / f"{number}.png")
        copyfile(image, sequence / f"images/{number}.jpg")
        copyfile(mask, sequence / f"masks/{number}.png")
    rows = ["p_0,still,judge", "p_1,still,train", "p_2,still,judge", "runs/one,run12,judge"]
    (taught / "index.csv").write_text("\n".join(["id,kind,use", *rows]), encoding="utf-8")
    clip = next(f"clip{number}" for number in range(99) if split_of(f"clip{number}") != "train")
    (folder / "webcam").mkdir()
    shape = 64, 96
    writer = cv2.VideoWriter(
        str(folder / f"webcam/{clip}.mkv"), cv2.VideoWriter.fourcc(*"MJPG"), 30, shape[::-1]
    )
    for level in range(4):
        writer.write(np.full((*shape, 3), 90 + level, np.uint8))
    writer.release()
    return folder


def names(folder: Path | None) -> list[str]:
    assert folder is not None
    return sorted(path.stem for path in folder.iterdir())


def found(data: Path, out: Path) -> dict[str, Case]:
    return {case.row: case for case in write_cases(data, out)}


def test_every_picture_has_its_truth(data: Path, tmp_path: Path):
    rows = found(data, tmp_path)
    assert set(rows) == {
        *("upper bodies", "close-ups", "dark rooms", "held things", "far people"),
        *("moving people", "empty rooms", "diverse people", "runs", "dancer", "webcam"),
    }
    for case in rows.values():
        if case.masks is not None:
            assert names(case.images) == names(case.masks)
            for name in names(case.masks):
                image = cv2.imread(str(next(case.images.glob(f"{name}.*"))))
                truth = cv2.imread(str(case.masks / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
                assert image.shape[:2] == truth.shape


def test_only_people_of_the_test_split_and_pictures_to_judge_by_are_taken(
    data: Path, tmp_path: Path
):
    rows = found(data, tmp_path)
    assert {split_of(name) for name in names(rows["upper bodies"].images)} == {"test"}
    assert names(rows["diverse people"].images) == ["p_0", "p_2"]


def test_to_choose_a_model_there_are_other_people_rooms_and_pictures(data: Path, tmp_path: Path):
    chosen = {case.row: case for case in write_cases(data, tmp_path / "val", 1, "val")}
    assert "runs" not in chosen
    assert "dancer" not in chosen
    assert {split_of(name) for name in names(chosen["upper bodies"].images)} == {"val"}
    rows = {case.row: case for case in write_cases(data, tmp_path / "test", 1)}
    for row in ("diverse people", "upper bodies"):
        assert set(names(chosen[row].images)).isdisjoint(names(rows[row].images))


def test_the_rooms_that_show_something_are_counted(tmp_path: Path):
    for number, tall in enumerate((0, 0, 1, 30)):
        matte = np.zeros((100, 100), np.uint8)
        matte[:tall, :10] = 255
        cv2.imwrite(str(tmp_path / f"{number}.png"), matte)
    case = Case("empty rooms", "empty rooms", tmp_path, None)
    assert product._scores(case, tmp_path) == {"shown": 0.5}


def test_far_people_have_a_third_of_the_pictures_height(data: Path, tmp_path: Path):
    masks = found(data, tmp_path)["far people"].masks
    for name in names(masks):
        truth = cv2.imread(str(masks / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
        tall = np.count_nonzero((truth > 127).any(axis=1)) / truth.shape[0]
        assert tall == pytest.approx(cases.FAR_SHARE, abs=0.03)


def test_a_held_thing_counts_as_the_person_and_the_dark_changes_no_truth(
    data: Path, tmp_path: Path
):
    rows = found(data, tmp_path)
    plain, held, dark = (rows[row] for row in ("upper bodies", "held things", "dark rooms"))
    for name in names(plain.masks):
        truth, larger, same = (
            cv2.imread(str(case.masks / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
            for case in (plain, held, dark)
        )
        assert (larger >= truth).all()
        np.testing.assert_array_equal(truth, same)
        images = [cv2.imread(str(case.images / f"{name}.png")) for case in (plain, dark)]
        assert images[1].mean() < images[0].mean()


def answer_with_the_truth(case: Case, look: tuple[str, ...], mattes: Path) -> None:
    """As if ``segcam matte`` made no mistake, or, with fast edges, found nobody."""
    mattes.mkdir(parents=True)
    for image in case.images.iterdir():
        size = cv2.imread(str(image)).shape[:2]
        matte = np.zeros(size, np.uint8)
        if "sharp" in look and case.masks is not None:
            matte = cv2.imread(str(case.masks / f"{image.stem}.png"), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(mattes / f"{image.stem}.png"), matte)


@pytest.fixture
def without_segcam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "make_mattes", answer_with_the_truth)
    monkeypatch.setattr(product, "_times", lambda *_: {"ms, segment": 2.0})


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr("sys.argv", ["product", *map(str, arguments)])
    product.main()


def test_the_table_tells_good_mattes_from_bad_ones(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_segcam: None
):
    run(monkeypatch, "--data", data, "--out", tmp_path)
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    for row in ("upper bodies", "far people", "diverse people", "runs", "dancer"):
        assert figures["sharp"][f"{row}: mIoU"] == 1
        assert figures["fast"][f"{row}: F"] == 0
    assert figures["sharp"]["runs: dtSSD"] == 0 < figures["fast"]["runs: dtSSD"]
    assert figures["sharp"]["webcam: flicker, thousandths"] == 0


def test_figures_of_an_earlier_run_stand_beside(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    without_segcam: None,
):
    run(monkeypatch, "--data", data, "--out", tmp_path / "before")
    run(monkeypatch, "--data", data, "--out", tmp_path / "now", "--before", tmp_path / "before")
    assert "sharp, before" in capsys.readouterr().out
    sheets = [
        cv2.imread(str(tmp_path / name / "sheets/sharp-far people.png"))
        for name in ("before", "now")
    ]
    assert sheets[1].shape[1] > sheets[0].shape[1], "another matte on each line"


def test_the_worst_pictures_come_first_on_a_sheet(tmp_path: Path):
    case = Case("three", "three", tmp_path / "images", tmp_path / "masks")
    mattes = tmp_path / "sharp/three"
    for folder in (case.images, case.masks, mattes):
        folder.mkdir(parents=True)
    truth = np.zeros((60, 60), np.uint8)
    truth[:, 30:] = 255
    for number, wrong in enumerate((0, 20, 10)):
        light = np.full((60, 60, 3), 80 * number + 20, np.uint8)
        cv2.imwrite(str(case.images / f"{number}.png"), light)
        cv2.imwrite(str(case.masks / f"{number}.png"), truth)
        cv2.imwrite(str(mattes / f"{number}.png"), np.roll(truth, wrong, axis=1))
    write_sheets([case], "sharp", tmp_path)
    sheet = cv2.imread(str(tmp_path / "sheets/sharp-worst.png"))
    first, second = sheet[100, 20], sheet[100, 20 + sheet.shape[1] // 2]
    assert (first[0], second[0]) == (100, 180)


@pytest.mark.models
def test_segcam_makes_the_mattes(tmp_path: Path):
    case = Case("one", "one", tmp_path / "images", None)
    case.images.mkdir()
    cv2.imwrite(str(case.images / "a.png"), np.full((90, 160, 3), 90, np.uint8))
    product.make_mattes(case, ("--edges", "fast"), tmp_path / "fast/one")
    matte = cv2.imread(str(tmp_path / "fast/one/a.png"), cv2.IMREAD_GRAYSCALE)
    assert matte.shape == (90, 160)
    assert not matte.any()
