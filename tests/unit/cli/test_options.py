"""Options that are made from the declarations of settings."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from segcam.cli import options
from segcam.cli.help import Command
from segcam.errors import UsageError
from segcam.settings import describe


def run(*arguments, names=options.LIVE):
    """The settings that a command with these options gets."""
    taken = []

    @click.command(cls=Command)
    @options.with_settings(names)
    @options.verbose
    def command(given: options.Given, verbose: bool) -> None:
        taken.append((given, verbose))

    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return (result.exit_code, *taken, result.output)


def test_only_what_was_given_is_passed_on():
    assert run()[:2] == (0, ({}, False))
    code, (given, verbose), _ = run("--background", "blur:3", "--no-mirror", "--fps", "30", "-v")
    assert (code, given, verbose) == (
        0,
        {"background": "blur:3", "mirror": False, "fps": 30.0},
        True,
    )


def test_every_setting_has_its_option():
    code, told = run("--help")
    assert code == 0
    for setting in describe():
        assert f"--{setting.option}" in told


def test_a_command_takes_only_the_settings_it_names():
    assert run("--mirror", names=("edges", "model"))[0] == 2


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--fps", "0"), "fps cannot be 0"),
        (("--threads", "9" * 5000), "threads"),
        (("--edges", "sharpp"), "Did you mean 'sharp'?"),
        (("--background", "blurr"), "Did you mean 'blur'?"),
        (("--camera", ""), "camera is empty"),
    ],
)
def test_a_wrong_value_gets_the_settings_own_words(arguments, part):
    with pytest.raises(UsageError) as caught:
        run(*arguments)
    assert part in str(caught.value)


@pytest.mark.parametrize("text", ["blur", "blur:3", "none", "color:#204060"])
def test_what_holds_no_path_is_left_alone(text):
    assert run("--background", text)[1][0] == {"background": text}


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
    expected = expected.format(here=tmp_path, home=Path.home())
    assert run("--background", text)[1][0] == {"background": expected}


def test_a_background_of_the_library_has_a_name(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for name in ("studio-sand", "Studio sand"):
        (given,) = run("--background", name)[1][0].values()
        assert given.startswith("image:/")
        assert given.endswith("studio-sand.jpg")
    with pytest.raises(UsageError, match="not a background"):
        run("--background", "studio-snad")
    with pytest.raises(UsageError, match="edges"):
        run("--edges", "studio-sand")


def test_a_model_is_a_name_or_where_the_caller_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "selfie-landscape").mkdir()
    for name in ("selfie-landscape", "auto", "selfie-landscap"):
        assert run("--model", name)[1][0] == {"model": name}
    for path in ("./mine", "mine.onnx", "models/mine"):
        assert run("--model", path)[1][0] == {"model": str(tmp_path / path)}
