"""Checks the files in dist without installing them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_WHEEL_BYTES = 15_000_000


def said(*command: str) -> str:
    """The complaints of a checker; skips the test if that program is missing."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_lintian_complains_of_nothing(deb: Path) -> None:
    assert said("lintian", "--allow-root", "--fail-on", "none", str(deb)) == ""


def test_the_package_passes_on_the_licence_of_each_part(deb: Path) -> None:
    listed = subprocess.run(
        ["dpkg-deb", "-c", str(deb)], capture_output=True, text=True, check=True
    )
    names = listed.stdout.split()
    for part in ("ai_edge_litert", "av", "numpy", "opencv_python_headless", "openvino", "click"):
        folder = re.compile(rf".*/_internal/{part}-[\d.]+\.dist-info/.*LICENSE.*")
        assert any(folder.fullmatch(name) for name in names), part


def test_no_file_depends_on_the_folder_of_the_build(deb: Path) -> None:
    listed = subprocess.run(
        ["dpkg-deb", "-c", str(deb)], capture_output=True, text=True, check=True
    )
    names = listed.stdout.split()
    assert any(name.endswith(".dist-info/METADATA") for name in names)
    assert [name for name in names if name.endswith(("/RECORD", "/direct_url.json"))] == []


def test_the_desktop_entry_and_the_metainfo_are_valid(tmp_path: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    (entry,) = tmp_path.rglob("*.desktop")
    (metainfo,) = tmp_path.rglob("*.metainfo.xml")
    assert said("desktop-file-validate", str(entry)) == ""
    assert "successful" in said("appstreamcli", "validate", "--no-net", str(metainfo))


def test_the_wheel_carries_all_it_needs_and_stays_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= MOST_WHEEL_BYTES
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "segcam/zoo/cards/selfie_segmentation_landscape.tflite",
        "segcam/zoo/cards/selfie_segmentation.tflite",
        "segcam/zoo/cards/LICENSE.mediapipe",
        "segcam/zoo/cards/NOTICE.mediapipe",
        "segcam/backgrounds/pictures/garden.jpg",
        "segcam_ui/window.py",
        "segcam_ui/icons/segcam.svg",
        "man/man1/segcam.1",
        "bash-completion/completions/segcam",
        "applications/io.github.segcam.SegCam.desktop",
    ):
        assert any(name.endswith(needed) for name in names), needed
    assert not any(name.startswith(("tests/", "models/", "segcam_models/")) for name in names)


def test_the_same_tree_gives_the_same_wheel_and_sdist(tmp_path: Path) -> None:
    builder = ROOT / "build/venv/bin/pyproject-build"
    stage = ROOT / "build/stage"
    if not (builder.exists() and stage.exists()):
        pytest.skip("make package has not run here")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    made = []
    for name in ("first", "second"):
        output = tmp_path / name
        command = [str(builder), "--no-isolation", "-o", str(output), str(stage)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        made.append({path.name: path.read_bytes() for path in output.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) == 2
