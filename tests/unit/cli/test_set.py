"""What ``segcam set`` makes of paths: the running SegCam is at home in another folder."""

from pathlib import Path

import pytest

from segcam.cli.set import _absolute_background, _absolute_model


@pytest.mark.parametrize("text", ["blur", "blur:3", "none", "color:#204060", "image:", "", "blurr"])
def test_what_holds_no_path_is_left_alone(text):
    assert _absolute_background(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image:beach.jpg", "image:{here}/beach.jpg"),
        ("video:a b:c.mp4", "video:{here}/a b:c.mp4"),
        ("image:/there/beach.jpg", "image:/there/beach.jpg"),
        ("image:~/beach.jpg", "image:{home}/beach.jpg"),
    ],
)
def test_pictures_are_where_the_caller_is(text, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _absolute_background(text) == expected.format(here=tmp_path, home=Path.home())


def test_a_model_is_a_name_or_where_the_caller_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "selfie-landscape").mkdir()
    (tmp_path / "mine").touch()
    for name in ("selfie-landscape", "auto", "selfie-landscap"):
        assert _absolute_model(name) == name
    for path in ("mine", "mine.onnx", "models/mine"):
        assert _absolute_model(path) == str(tmp_path / path)
