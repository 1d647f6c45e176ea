"""Whether SegCam's libraries are all there, before any of them is loaded."""

import sys

import pytest
from support.packages import have_package

from segcam import intact

OPENCV = ("opencv-python-headless",)


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), str(tmp_path / "site")])
    return have_package(tmp_path / "site")


def test_this_installation_is_intact():
    assert intact.complaint((*intact.PICTURE, *intact.WINDOW)) is None


@pytest.mark.parametrize(
    "damage", [lambda file: file.write_bytes(b"co"), lambda file: file.unlink()]
)
def test_a_cut_or_missing_library_is_named_with_its_cure(library, damage):
    assert intact.complaint(OPENCV, program="/x/bin/segcam") is None
    damage(library)
    title, cure = intact.complaint(OPENCV, program="/x/bin/segcam")
    assert title.endswith(": opencv-python-headless")
    assert cure == "/x/bin/python -m pip install --force-reinstall opencv-python-headless"


def test_what_pip_has_not_installed_is_not_judged(library):
    next(library.parents[1].glob("*.dist-info/RECORD")).unlink()
    library.unlink()
    assert not intact.damaged([*OPENCV, "av"])


def test_the_first_package_on_the_path_is_the_one_that_counts(library, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path / "before"), *sys.path])
    have_package(tmp_path / "before")
    library.unlink()
    assert not intact.damaged(OPENCV)
