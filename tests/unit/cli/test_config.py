"""``segcam config`` and ``segcam background``: the files behind them, for people."""

import json
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from segcam.api import client
from segcam.cli.backgrounds import background
from segcam.cli.config import config
from segcam.errors import MediaError, UsageError
from segcam.settings import Settings, describe

EDITOR = """\
import sys
with open(sys.argv[1], "a") as file:
    file.write('edges = "{}"\\n')
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The user's settings and data."""
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "config").mkdir()
    (tmp_path / "run").mkdir(mode=0o700)
    return tmp_path


def run(app, *arguments, code=0):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def test_every_setting_is_shown_with_where_it_comes_from(folder, capsys):
    (folder / "config" / "settings.toml").write_text('# mine\nedges = "fast"\nmirrr = true\n')
    rows = [line.split() for line in run(config).splitlines()]
    assert ["edges", "fast", "settings.toml,", "line", "2"] in rows
    assert ["linger", "5.0", "the", "default"] in rows
    assert {row[0] for row in rows} >= {setting.name for setting in describe()}


def test_settings_are_shown_as_json(folder):
    (folder / "config" / "settings.toml").write_text("mirror = true\n")
    told = json.loads(run(config, "show", "--json"))
    assert told["settings"] == Settings(mirror=True).as_dict()
    assert told["given"] == {"mirror": True}
    assert told["path"] == run(config, "path").strip()


def test_what_holds_for_this_run_alone_is_told_beside(folder, monkeypatch):
    class State:
        requested = Settings(background="none").as_dict()

    monkeypatch.setattr(client, "status", State)
    (folder / "config" / "settings.toml").write_text('background = "blur:3"\n')
    rows = [line.split() for line in run(config).splitlines()]
    place = rows.index(["background", "blur:3", "settings.toml,", "line", "1"])
    assert rows[place + 1] == ["none", "current", "value,", "for", "this", "run", "only"]
    assert json.loads(run(config, "show", "--json"))["running"]["background"] == "none"


@pytest.mark.parametrize(("edges", "code"), [("fast", 0), ("fats", 1)])
def test_the_editor_gets_a_file_and_what_it_wrote_is_checked(folder, monkeypatch, edges, code):
    script = folder / "my editor.py"
    script.write_text(EDITOR.format(edges))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} '{script}'")
    run(config, "edit", code=code)
    assert (folder / "config" / "settings.toml").read_text().startswith("# SegCam's settings.")
    assert json.loads(run(config, "show", "--json"))["given"] == (
        {"edges": "fast"} if code == 0 else {}
    )


@pytest.mark.parametrize("editor", ["", "no-such-editor", "'"])
def test_without_an_editor_it_says_so(monkeypatch, editor):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    with pytest.raises(UsageError, match=r"editor|EDITOR"):
        run(config, "edit")


def test_backgrounds_are_added_listed_and_removed(folder):
    for name in ("one.png", "two.png"):
        assert cv2.imwrite(str(folder / name), np.full((8, 8, 3), len(name), np.uint8))
    run(background, "add", folder / "one.png", folder / "two.png")
    own = [each for each in json.loads(run(background, "list", "--json")) if not each["bundled"]]
    assert [each["id"] for each in own] == ["one.png", "two.png"]
    assert "two.png" in run(background, "list")
    run(background, "remove", "one.png", "two.png")
    assert all(each["bundled"] for each in json.loads(run(background, "list", "--json")))


def test_a_running_segcam_prepares_what_is_listed_or_added(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(client, "find", lambda: "office")
    monkeypatch.setattr(client, "request", lambda name, which, **_: asked.append((name, which)))
    run(background, "list")
    assert cv2.imwrite(str(folder / "one.png"), np.zeros((8, 8, 3), np.uint8))
    run(background, "add", folder / "one.png")
    assert asked == [("backgrounds", "office")] * 2


def test_a_file_that_is_no_picture_is_refused(folder):
    (folder / "words.png").write_text("words")
    with pytest.raises(MediaError):
        run(background, "add", folder / "words.png")
