"""``segcam preset`` without a running SegCam: the file alone; and with one that answers."""

import json

import pytest
from click.testing import CliRunner

from segcam.api import client
from segcam.cli.presets import preset
from segcam.config import Config
from segcam.errors import UsageError


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The settings file of a user for whom no SegCam runs."""
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "run").mkdir(mode=0o700)
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


def test_a_second_segcam_has_presets_of_its_own():
    run("save", "mine", "--mirror", "--name", "second")
    assert presets() == {}
    assert list(json.loads(run("list", "--json", "--name", "second"))["presets"]) == ["mine"]


@pytest.mark.parametrize("command", ["use", "remove"])
def test_what_is_not_there_names_the_nearest(command):
    run("save", "work", "--mirror")
    with pytest.raises(UsageError, match="Did you mean 'work'"):
        run(command, "wrok")


def test_a_running_segcam_is_asked_and_the_file_left_to_it(file, monkeypatch):
    asked = []

    def record(name):
        return lambda *arguments: asked.append((name, *arguments))

    monkeypatch.setattr(client, "find", lambda which: which)
    for name in ("save_preset", "use_preset", "remove_preset"):
        monkeypatch.setattr(client, name, record(name))
    run("save", "a", "--mirror")
    run("save", "b")
    run("use", "a")
    run("remove", "a", "--name", "second")
    use = asked.pop(2)
    assert asked == [
        ("save_preset", "a", {"mirror": True}, ""),
        ("save_preset", "b", None, ""),
        ("remove_preset", "a", "second"),
    ]
    assert (use[0], use[1], use[-1]) == ("use_preset", "a", "")
    assert not file.path.exists()
