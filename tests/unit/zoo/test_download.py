"""The real pip, offline: it takes the wheel from a folder."""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.errors import MissingDependency, ModelCorrupt, ModelMissing
from segcam.model_card import ModelCard
from segcam.zoo import download, library

WHEEL = "tinymodels-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models directory, and an index without any wheel."""
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path / "models"


@pytest.fixture
def published(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> list[ModelCard]:
    """Two models in one wheel of that index."""
    made = []
    with zipfile.ZipFile(tmp_path / "index" / WHEEL, "w") as wheel:
        for name, size in (("one", (48, 64)), ("two", (32, 32))):
            card = tiny_segmenter(tmp_path / f"{name}.tflite", size)
            member = f"tinymodels/{card.file}"
            wheel.write(tmp_path / card.file, member)
            made.append(replace(card, wheel="tinymodels==1.0", member=member))
        info = "tinymodels-1.0.dist-info"
        tag = "Tag: cp312-cp312-manylinux_2_28_x86_64"
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinymodels\nVersion: 1.0\n"
        )
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n{tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    publish(monkeypatch, made)
    return made


def publish(monkeypatch: pytest.MonkeyPatch, made: list[ModelCard]) -> None:
    for module in (library, download):
        monkeypatch.setattr(module, "cards", lambda: {card.name: card for card in made})


def test_one_download_brings_both_models(published: list[ModelCard], models: Path) -> None:
    seen: list[tuple[int, int | None]] = []

    path = download.get("one", lambda done, total: seen.append((done, total)))

    assert path == models / "one.tflite"
    assert sorted(file.name for file in models.iterdir()) == ["one.tflite", "two.tflite"]
    for card in published:
        library.verify(card, models / card.file)
    assert seen


def test_what_is_here_is_not_fetched_again(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download.get("one")
    monkeypatch.setattr(download.sys, "executable", "/nonexistent")
    assert download.get("two") == models / "two.tflite"


def test_a_damaged_file_is_replaced(published: list[ModelCard], models: Path) -> None:
    models.mkdir()
    (models / "one.tflite").write_bytes(b"half a mod")
    library.verify(published[0], download.get("one"))


def test_pip_keeps_nothing_elsewhere(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    command = download.launch.command

    def note(*arguments: str) -> list[str]:
        asked.append(arguments)
        return command(*arguments)

    monkeypatch.setattr(download.launch, "command", note)
    download.get("one")
    assert ["--no-cache-dir" in arguments for arguments in asked] == [True]


def test_pip_runs_no_other_program(
    published: list[ModelCard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would report the version of rustc, and rustup's rustc writes into the home folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("rustc", "lsb_release", "uname", "git"):
        program = programs / name
        program.write_text(f"#!/bin/sh\necho {name} >>'{tmp_path}/ran'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    download.get("one")
    assert not (tmp_path / "ran").exists()


def test_a_full_disk_is_told_as_that(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=250_000))
    monkeypatch.setenv("PIP_FIND_LINKS", "/nonexistent")
    with pytest.raises(ModelMissing, match=r"0\.2 MB are free\. Free some"):
        download.get("one")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG])
def test_what_pip_met_when_it_wrote_is_told(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    said = f"raise OSError({code}, {os.strerror(code)!r})"
    command = [sys.executable, "-c", said]
    monkeypatch.setattr(download.launch, "command", lambda *_: command)
    with pytest.raises(ModelMissing, match=f"{os.strerror(code)}. Free some"):
        download.get("one")


def test_offline(models: Path) -> None:
    with pytest.raises(ModelMissing, match="could not be downloaded") as caught:
        download.get("selfie-landscape")
    assert "mediapipe==0.10.21" in caught.value.message
    assert "network" in caught.value.hint
    assert list(models.iterdir()) == []


def test_tampered(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, [replace(card, sha256="0" * 64) for card in published])
    with pytest.raises(ModelCorrupt, match="SHA-256"):
        download.get("one")
    assert list(models.iterdir()) == []


def test_another_wheel_under_that_name(
    published: list[ModelCard], models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, [replace(card, member="elsewhere") for card in published])
    with pytest.raises(ModelCorrupt, match="does not contain the model one"):
        download.get("one")
    assert list(models.iterdir()) == []


def test_interrupted(published: list[ModelCard], models: Path) -> None:
    def interrupt(_done: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.get("one", interrupt)
    assert list(models.iterdir()) == []
    assert download.get("one").exists()


def test_a_directory_that_cannot_be(models: Path) -> None:
    models.write_text("a file in its place")
    with pytest.raises(ModelMissing, match="cannot be stored") as caught:
        download.get("selfie-landscape")
    assert "SEGCAM_MODELS" in caught.value.hint


def test_no_pip(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingDependency, match="ensurepip"):
        download.get("selfie-landscape")


def test_total_is_read_from_what_pip_says() -> None:
    line = "Downloading mediapipe-0.10.21-cp312-cp312-manylinux_2_28_x86_64.whl (35.6 MB)\n"
    assert download._announced(f"Collecting mediapipe\n  {line}") == 35_600_000
    assert download._announced("Collecting mediapipe\n") is None
