"""``segcam preset``: parts of the settings in the file, under names."""

import json

import pytest
from typer.testing import CliRunner

from segcam.cli.presets import preset
from segcam.config import Config
from segcam.errors import UsageError


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The settings file."""
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return Config(tmp_path / "settings.toml")


def run(*arguments):
    result = CliRunner().invoke(preset, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def presets():
    return json.loads(run("list", "--json"))["presets"]


def test_given_settings_are_saved_used_and_removed(file):
    file.write({"background": "none", "linger": 2})
    run("save", "At work", "--background", "color:#00FF00", "--mirror")
    assert presets() == {"At work": {"background": "color:#00ff00", "mirror": True}}
    assert "At work" in run("list")
    run("use", "At work")
    now = file.read()
    assert (now.background, now.mirror, now.linger) == ("color:#00ff00", True, 2.0)
    run("remove", "At work")
    assert presets() == {}
    assert file.read() == now


def test_the_look_of_now_is_saved_where_nothing_is_given(file):
    file.write({"background": "blur:3", "linger": 2})
    run("save", "mine")
    assert presets() == {"mine": {"background": "blur:3", "edges": "auto", "mirror": False}}


def test_the_preset_that_holds_is_named(file):
    run("save", "mine")
    assert json.loads(run("list", "--json"))["current"] == "mine"
    file.write({"mirror": True})
    assert json.loads(run("list", "--json"))["current"] == ""


@pytest.mark.parametrize("command", ["use", "remove"])
def test_what_is_not_there_names_the_nearest(command):
    run("save", "work", "--mirror")
    with pytest.raises(UsageError, match="Did you mean 'work'"):
        run(command, "wrok")
