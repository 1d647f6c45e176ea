"""Every setting is checked by its one declaration, whoever gives it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcam.errors import UsageError
from segcam.settings import Settings, describe, rooted, setting_named

SURROGATE = "\udc80"
WRONG_SWITCH = ["true", "yes", 1, 0, None, ""]
WRONG = {
    **{each.name: WRONG_SWITCH for each in describe() if each.kind == "switch"},
    "camera": ["", "  ", "a\0b", SURROGATE, "~nobody.of.that.name/x.mp4", True, 1.5, None, [], {}],
    "background": ["", "blurr", "image:a\0b", f"image:{SURROGATE}", "blur:-1", 5, True],
    "edges": ["", "Sharp", "sharpp", True, 1],
    "model": ["", "\0", "~nobody.of.that.name/m.onnx", 1.5],
    "backend": ["", SURROGATE, False],
    "size": ["", "1281x720", "720p", 720, "0x0"],
    "fps": ["", "fast", 0, 0.99, 240.1, float("nan"), float("inf"), True, 10**400, "30"],
    "output": ["", "nul", "auto,", ",", "file:", "file:~nobody.of.that.name/x.mp4", "~", 1],
    "linger": [-0.1, 1e9, float("nan"), "5", True],
    "threads": [0, 65, 1.5, -(10**400), "two", True],
    "budget": ["", "all", -0.1, 65, float("nan"), True],
    "isolate": ["", "allways", False],
}
RIGHT = {
    "camera": [("first", "first"), (0, "0"), ("HD Webcam", "HD Webcam"), ("/dev/video2",) * 2],
    "background": [
        ("blur", "blur"),
        ("blur:", "blur:60"),
        ("blur:007", "blur:7"),
        ("color:00FF00", "color:#00ff00"),
        ("image:a b:c.jpg", "image:a b:c.jpg"),
        ("none:", "none"),
    ],
    "size": [("auto", "auto"), ("1280X720", "1280x720")],
    "fps": [("auto", "auto"), (30, 30.0), (29.97, 29.97)],
    "output": [("auto,pipewire",) * 2, ("file:a.mp4",) * 2, ("/dev/video10",) * 2],
    "linger": [(0, 0.0), (86400, 86400.0)],
    "threads": [(1, 1), (4.0, 4)],
    "budget": [("auto", "auto"), (0, 0.0), (1.5, 1.5)],
}


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(WRONG), ids=lambda part: ascii(part)[:30])
def test_a_wrong_value_is_refused_with_its_cure(name, value):
    with pytest.raises(UsageError) as caught:
        Settings.from_dict({name: value})
    error = caught.value
    assert error.hint
    str(error).encode()
    assert len(str(error)) < 500
    assert "\n" not in str(error)


@pytest.mark.parametrize(("name", "value"), cases(RIGHT), ids=lambda part: ascii(part)[:30])
def test_a_right_value_has_one_spelling(name, value):
    given, spelled = value
    found = getattr(Settings.from_dict({name: given}), name)
    assert found == spelled
    assert type(found) is type(spelled)


def test_every_setting_is_tried_here():
    assert set(WRONG) == {setting.name for setting in describe()}


def test_settings_cannot_be_made_wrong_in_any_way():
    with pytest.raises(UsageError):
        Settings(background="blurr")
    with pytest.raises(UsageError):
        Settings().replace_with({"edges": "sharpp"})


def test_an_unknown_setting_names_the_nearest():
    with pytest.raises(UsageError, match="no setting named 'backgruond'") as caught:
        Settings.from_dict({"backgruond": "blur"})
    assert "Did you mean 'background'?" in str(caught.value)
    with pytest.raises(UsageError, match="always_on"):
        setting_named("always-on")


def test_what_is_not_replaced_stays():
    changed = Settings(mirror=True).replace_with({"background": "none"})
    assert changed == Settings(mirror=True, background="none")


def test_settings_survive_json():
    settings = Settings(background="color:#102030", fps=29.97, threads=3, mirror=True)
    assert Settings.from_dict(json.loads(json.dumps(settings.as_dict()))) == settings


def test_the_declarations_are_plain_json_and_complete():
    told = json.loads(json.dumps([setting.as_dict() for setting in describe()]))
    names = {"name", "title", "help", "kind", "unit", "minimum", "maximum", "choices", "default"}
    assert all(set(each) == names | {"metavar", "page", "live"} for each in told)
    for setting in describe():
        assert setting.title
        assert setting.help.endswith(".")
        assert setting.check(setting.default) == setting.default
        if setting.kind in ("number", "whole"):
            assert None not in (setting.minimum, setting.maximum)
        if setting.kind == "choice":
            assert setting.default in setting.choices


def test_relative_paths_start_at_the_given_folder(tmp_path):
    (tmp_path / "my film").touch()
    values = {
        "camera": "talk.mp4",
        "background": "image:beach.jpg",
        "model": "mine.onnx",
        "output": "auto,file:call.mp4",
        "mirror": True,
    }
    assert rooted(values, tmp_path) == {
        "camera": f"{tmp_path}/talk.mp4",
        "background": f"image:{tmp_path}/beach.jpg",
        "model": f"{tmp_path}/mine.onnx",
        "output": f"auto,file:{tmp_path}/call.mp4",
        "mirror": True,
    }
    assert rooted({"camera": "my film"}, tmp_path) == {"camera": f"{tmp_path}/my film"}


@pytest.mark.parametrize(
    "values",
    [
        {"camera": "HD Webcam (usb-0000:00)"},
        {"camera": "/dev/video0"},
        {"camera": "n" * 5000},
        {"background": "blur:3"},
        {"background": "video:/there/a b:c.mp4"},
        {"model": "selfie-landscape"},
        {"output": "pipewire,/dev/video10"},
        {"size": "640x360"},
    ],
)
def test_what_holds_no_relative_path_stays(values, tmp_path):
    assert rooted(values, tmp_path) == values


def test_a_tilde_is_the_users_home(tmp_path):
    values = rooted({"background": "image:~/a.jpg", "camera": "~/b.mp4"}, tmp_path)
    assert values == {"background": f"image:{Path.home()}/a.jpg", "camera": f"{Path.home()}/b.mp4"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["blur:", "image:", "color:#", "file:", "~", "auto", "/", ",", "x", "720"])
TEXTS = st.lists(WORDS | st.text(), max_size=4).map("".join)
NAMES = st.sampled_from([setting.name for setting in describe()])


@given(NAMES, ANYTHING | TEXTS)
def test_whatever_is_given_is_taken_in_one_spelling_or_refused(name, value):
    try:
        settings = Settings.from_dict({name: value})
    except UsageError:
        return
    assert Settings.from_dict(settings.as_dict()) == settings
    json.dumps(settings.as_dict(), ensure_ascii=False).encode()


@given(NAMES, TEXTS)
def test_an_options_text_is_taken_or_refused(name, text):
    setting = setting_named(name)
    try:
        value = setting.read(text)
    except UsageError:
        return
    assert setting.check(value) == value


def test_a_client_can_check_settings_without_the_engine_and_what_takes_time():
    needless = {"numpy", "cv2", "PySide6", "platformdirs", "click", "tomlkit", "difflib"}
    code = f"import sys, segcam.settings; print({needless} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
