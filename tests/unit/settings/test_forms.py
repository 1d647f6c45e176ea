from fractions import Fraction
from pathlib import Path

import pytest

from segcam import settings
from segcam.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blur", settings.Blur(60)),
        ("blur:0", settings.Blur(0)),
        ("blur:100", settings.Blur(100)),
        ("none", settings.NoEffect()),
        ("color:#ff8000", settings.Color((255, 128, 0))),
        ("color:00FF00", settings.Color((0, 255, 0))),
        ("image:/a b/c.jpg", settings.Picture(Path("/a b/c.jpg"))),
        ("video:x:y.mp4", settings.Video(Path("x:y.mp4"))),
    ],
)
def test_backgrounds(text, expected):
    assert settings.parse_background(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "blurr",
        "blur:101",
        "blur:-1",
        "blur:x",
        "blur:" + "9" * 5000,
        "blur:0x10",
        "blur:1\n",
        "color:red",
        "color:#12345\u0663",
        "color:",
        "image:",
        "video:",
        "image:~nobody.of.that.name/beach.jpg",
        "none:1",
        "None",
        ":" * 100_000,
    ],
)
def test_what_is_no_background_is_refused_with_the_forms(text):
    with pytest.raises(UsageError) as caught:
        settings.parse_background(text)
    assert caught.value.exit_code == 2
    assert caught.value.hint


def test_a_typo_gets_a_suggestion():
    with pytest.raises(UsageError, match="not a background") as caught:
        settings.parse_background("colour:#ffffff")
    assert "Did you mean 'color'?" in str(caught.value)


def test_sizes_are_height_first():
    assert settings.parse_size("1280x720") == (720, 1280)
    assert settings.parse_size("640X360") == settings.parse_size("640×360") == (360, 640)
    assert settings.parse_size("auto") is None


@pytest.mark.parametrize(
    "text",
    ["1281x720", "0x0", "720p", "1280", "-2x4", "9000x4000", "4 x 4", "Auto", "8" * 5000 + "x2"],
)
def test_bad_sizes(text):
    with pytest.raises(UsageError):
        settings.parse_size(text)


@pytest.mark.parametrize("text", ["blur:²", "blur:-1", "blur:1.5", "blur:101", "blur:٣"])
def test_a_strength_is_a_whole_number_up_to_100(text):
    with pytest.raises(UsageError, match="not a blur strength"):
        settings.parse_background(text)


@pytest.mark.parametrize(
    ("fps", "rate"), [(30.0, 30), (30000 / 1001, Fraction(30000, 1001)), (240, 240)]
)
def test_rates_are_the_fractions_that_cameras_name(fps, rate):
    assert settings.parse_rate(fps) == rate


def test_an_automatic_rate_is_none():
    assert settings.parse_rate("auto") is None
