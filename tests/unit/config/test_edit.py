"""Changing one value of a TOML text leaves everything else as it was."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcam.config.edit import Unchangeable, edited
from segcam.config.lines import line_of

COMMENTED = """\
# My own words.
background = "blur:40"  # at home

future_key = [1, 2,
    3]  # what a newer SegCam knows

[presets.work]
# For the office.
background = "none"

[other]
mirror = true
"""


def test_comments_order_and_unknown_keys_stay():
    new = edited(COMMENTED, [(("background",), "none"), (("mirror",), True)])
    last = "    3]  # what a newer SegCam knows\n"
    expected = COMMENTED.replace('"blur:40"', '"none"').replace(last, f"{last}mirror = true\n")
    assert new == expected


def test_a_preset_is_added_changed_and_taken_out():
    added = edited(COMMENTED, [(("presets", "on the way", "mirror"), True)])
    assert tomllib.loads(added)["presets"]["on the way"] == {"mirror": True}
    assert "# For the office." in added
    changed = edited(added, [(("presets", "work", "background"), "blur")])
    assert "# For the office." in changed
    assert tomllib.loads(changed)["presets"]["work"] == {"background": "blur"}
    removed = edited(added, [(("presets", "on the way"), None)])
    assert tomllib.loads(removed) == tomllib.loads(COMMENTED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only words",
        "a = 1",
        "a = 1\r\nb = 2\r\n",
        "[presets.a]\nx = 1\n",
        "presets.a.x = 1\n",
        "presets = {a = {x = 1}}\n",
        "[background]\nx = 1\n[t]\ny = 1\n",
        "[background.deep]\nx = 1\n[t]\ny = 1\n[background.more]\nz = 1\n",
        "[[background]]\nx = 1\n[[background]]\ny = 1\n[t]\nz = 1\n",
        "background.x = 1\n[t]\ny = 1\n",
        '"background" = 1\n',
        "'background' = '''\nlong\n'''\n",
        "[t]\nbackground = 1\n",
        "n = nan\nd = 2020-01-01\ni = inf\n",
    ],
)
@pytest.mark.parametrize("value", ["none", 'image:/a "b"\\c\n\td\x7f.jpg', True, 5.0, 64])
def test_a_value_goes_into_every_valid_text(text, value):
    new = edited(text, [(("background",), value)])
    expected = {**tomllib.loads(text), "background": value}
    assert json.dumps(tomllib.loads(new), default=repr, sort_keys=True) == json.dumps(
        expected, default=repr, sort_keys=True
    )
    without = edited(new, [(("background",), None)])
    assert "background" not in tomllib.loads(without)


@pytest.mark.parametrize(
    "text",
    [
        "[presets.work]\nmirror = true\n",
        "[presets]\n# words\n[presets.work]\nmirror = true\n",
        "[presets]\nwork = {mirror = true}\n",
        "presets = {work = {mirror = true}}\n",
        "presets.work.mirror = true\n",
        "[presets.work]\n[presets.work.more]\nx = 1\n",
    ],
)
@pytest.mark.parametrize("beside", ["", "a = 1\n", "# words\n"])
def test_the_last_preset_can_be_taken_out_and_put_in_again(text, beside):
    removed = edited(beside + text, [(("presets", "work"), None)])
    assert tomllib.loads(removed).get("presets", {}) == {}
    assert removed.startswith(beside)
    again = edited(removed, [(("presets", "work", "mirror"), False)])
    assert tomllib.loads(again)["presets"] == {"work": {"mirror": False}}


@pytest.mark.parametrize("end", ["", "\n", "  # words", "\r\n"])
def test_a_preset_is_added_where_tables_are_in_disorder(end):
    text = f"presets.a.mirror = true\n[other]\n[presets.b]\nlinger = 2{end}"
    added = edited(text, [(("presets", 'c "d"', "mirror"), True), (("presets", "b", "fps"), 25.0)])
    assert tomllib.loads(added)["presets"] == {
        "a": {"mirror": True},
        "b": {"linger": 2, "fps": 25.0},
        'c "d"': {"mirror": True},
    }


def test_what_stands_in_the_way_is_not_overwritten():
    for text in ("presets = 5", "[[presets]]\na = 1", "[presets]\nwork = 5"):
        with pytest.raises(Unchangeable):
            edited(text, [(("presets", "work", "mirror"), True)])


def test_what_is_not_there_can_be_taken_out():
    assert edited(COMMENTED, [(("presets", "gone"), None), (("gone",), None)]) == COMMENTED


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("background",), 2),
        (("presets", "work", "background"), 9),
        (("other", "mirror"), 12),
        (("presets",), 7),
        (("future_key",), 4),
        (("nowhere",), 0),
    ],
)
def test_a_key_is_found_on_its_line(path, line):
    assert line_of(COMMENTED, path) == line


KEYS = st.sampled_from(["background", "presets", "work", "x", "a b", "ü", ""]) | st.text(max_size=4)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.text(max_size=12).filter(str.strip))
def test_whatever_else_is_in_the_file_stays(values, name):
    import tomlkit

    try:
        text = tomlkit.dumps(values)
        before = tomllib.loads(text)
    except Exception:  # surrogates, and what else tomlkit does not write
        return
    before.pop("presets", None)
    new = edited(tomlkit.dumps(before), [(("mirror",), True), (("presets", name, "fps"), 25.0)])
    after = tomllib.loads(new)
    assert after.pop("presets") == {name: {"fps": 25.0}}
    assert after.pop("mirror") is True
    before.pop("mirror", None)
    assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)
