from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.errors import (
    MissingDependency,
    ModelCorrupt,
    ModelMismatch,
    ModelMissing,
    UsageError,
)
from segcam.model_card import ModelCard
from segcam.zoo import download, library
from segcam.zoo.library import DEFAULT, EDGES, cards, find, models_directory, path_for, verify

CARD_TOML = """
name = "{name}"
title = "Mine"
licence = "Apache-2.0"
origin = "me"
file = "{file}"
sha256 = "{sha256}"
[input]
name = "{input}"
shape = [1, 48, 64, 3]
layout = "nhwc"
[output]
name = "{output}"
shape = [1, 48, 64, 1]
layout = "nhwc"
"""


def write_card(path: Path, card: ModelCard) -> None:
    path.write_text(
        CARD_TOML.format(
            name=card.name,
            file=card.file,
            sha256=card.sha256,
            input=card.input.name,
            output=card.output.name,
        )
    )


def test_published_cards_can_all_be_fetched_or_are_here() -> None:
    assert DEFAULT in cards()
    for name, card in cards().items():
        assert card.name == name
        if card.wheel:
            assert Path(card.member).name == card.file
            assert find(name) == (card, models_directory() / card.file)
        else:
            verify(*find(name))


@pytest.mark.parametrize("name", cards())
@pytest.mark.parametrize("generation", [3720, 4000, 5010])
def test_a_published_model_compiles_for_intels_npus(name: str, generation: int) -> None:
    """make npu-check asks the compiler, and fails where a card tells anything else."""
    assert 0 < dict(cards()[name].metrics)[f"npu_{generation}_us"] < 33_000, "a frame's time"


def test_the_edge_refiner_comes_with_segcam(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path))
    card, path = find(EDGES)
    assert card.role == "refiner"
    assert path_for(card, path, "onnx") == path


def test_directory_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path))
    assert find(DEFAULT)[1].parent == tmp_path


def test_mistyped_name_gets_the_near_one() -> None:
    with pytest.raises(UsageError, match="Did you mean 'selfie-general'") as caught:
        find("selfie-genral")
    assert caught.value.exit_code == 2


def test_own_model_with_its_card_beside_it(tmp_path: Path) -> None:
    card = tiny_segmenter(tmp_path / "mine.tflite")
    with pytest.raises(ModelMissing, match=r"mine\.toml"):
        find(str(tmp_path / "mine.tflite"))
    write_card(tmp_path / "mine.toml", card)

    found, path = find(str(tmp_path / "mine.tflite"))

    assert found.sha256 == card.sha256
    assert path_for(found, path, "tflite") == path


def test_verify_tells_missing_from_tampered(tmp_path: Path) -> None:
    card = tiny_segmenter(tmp_path / "mine.tflite")
    path = tmp_path / card.file
    verify(card, path)
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        verify(card, path)
    path.unlink()
    with pytest.raises(ModelMissing):
        path_for(card, path, "onnx")
    published = cards()[DEFAULT]
    with pytest.raises(ModelMissing, match=f"segcam models get {DEFAULT}"):
        verify(published, tmp_path / published.file)


def test_conversion_is_kept_until_the_original_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    first = path_for(tiny_segmenter(path), path, "onnx")
    written_ns = first.stat().st_mtime_ns
    assert path_for(tiny_segmenter(path), path, "onnx") == first
    assert first.stat().st_mtime_ns == written_ns

    second = path_for(tiny_segmenter(path, (32, 32)), path, "onnx")

    assert second != first
    assert {file.name for file in tmp_path.iterdir()} == {path.name, first.name, second.name}


def test_onnx_is_not_turned_into_tflite(tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    onnx = path_for(tiny_segmenter(path), path, "onnx")
    own = tiny_segmenter(path)
    card = library.ModelCard(
        own.name, own.title, own.licence, own.origin, onnx.name,
        library.sha256_of(onnx), own.input, own.output,
    )  # fmt: skip
    assert path_for(card, onnx, "onnx") == onnx
    with pytest.raises(ModelMismatch, match="is not available as tflite"):
        path_for(card, onnx, "tflite")


@pytest.mark.parametrize("content", [b"", b"another model"])
def test_a_conversion_that_somebody_changed_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.tflite"
    card = tiny_segmenter(path)
    converted = path_for(card, path, "onnx")
    right = converted.read_bytes()
    converted.write_bytes(content)
    assert path_for(card, path, "onnx").read_bytes() == right


def test_a_conversion_that_leads_to_a_pipe_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    card = tiny_segmenter(path)
    converted = path_for(card, path, "onnx")
    converted.unlink()
    os.mkfifo(converted)
    assert path_for(card, path, "onnx").is_file()


def test_a_conversion_that_the_card_names_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.tflite"
    card = tiny_segmenter(path)
    converted = path_for(card, path, "onnx")
    named = replace(card, onnx_sha256=library.sha256_of(converted))
    monkeypatch.setattr("segcam.zoo.convert.to_onnx", lambda _: pytest.fail("converted again"))
    assert path_for(named, path, "onnx") == converted


def test_the_wheel_of_a_strangers_card_is_never_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tiny_segmenter(tmp_path / "mine.tflite")
    write_card(tmp_path / "mine.toml", card)
    text = (tmp_path / "mine.toml").read_text()
    (tmp_path / "mine.toml").write_text(f'wheel = "anything==1.0"\nmember = "a"\n{text}')
    (tmp_path / "mine.tflite").unlink()
    monkeypatch.setattr(download, "_fetch", lambda *_: pytest.fail("fetched"))
    with pytest.raises(ModelMissing):
        download.get(str(tmp_path / "mine.tflite"))


@pytest.mark.parametrize(
    "name", ["", "/", "..", "a/..", "~nobody-of-that-name/x", "a\0b", "\ud800"]
)
def test_a_name_that_can_be_no_model_is_told_in_words(name: str) -> None:
    with pytest.raises((UsageError, ModelMissing)):
        find(name)


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of cards in which a package has put a published model, too."""
    folder = tmp_path / "cards"
    folder.mkdir()
    card = tiny_segmenter(folder / "tiny.tflite")
    write_card(folder / "tiny.toml", card)
    text = (folder / "tiny.toml").read_text()
    (folder / "tiny.toml").write_text(f'wheel = "anything==1.0"\nmember = "a"\n{text}')
    monkeypatch.setattr(library, "_CARDS", folder)
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path / "mine"))
    cards.cache_clear()
    yield folder
    cards.cache_clear()


def test_a_model_that_a_package_carries_is_not_fetched(
    packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_fetch", lambda *_: pytest.fail("fetched"))
    (name,) = cards()
    assert download.get(name) == packaged / "tiny.tflite"


def test_a_packaged_model_is_converted_into_the_users_folder(packaged: Path) -> None:
    (name,) = cards()
    before = sorted(packaged.iterdir())
    assert path_for(*find(name), "onnx").parent == models_directory()
    assert sorted(packaged.iterdir()) == before


def test_a_damaged_package_says_to_install_it_again(packaged: Path) -> None:
    (packaged / "tiny.tflite").write_bytes(b"half")
    (name,) = cards()
    with pytest.raises(ModelCorrupt) as caught:
        verify(*find(name))
    assert "Install SegCam again" in caught.value.hint


def test_without_the_converter_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tiny_segmenter(tmp_path / "mine.tflite")
    monkeypatch.setitem(sys.modules, "segcam.zoo.convert", None)
    with pytest.raises(MissingDependency, match="cannot be converted") as caught:
        path_for(card, tmp_path / "mine.tflite", "onnx")
    assert "segcam[npu]" in caught.value.hint
