"""A command is built when it is called, and listed without that."""

import subprocess
import sys

import pytest

from segcam.cli.lazy import COMMANDS, build

HEAVY = "{'numpy', 'cv2', 'av', 'pydantic', 'tomlkit', 'platformdirs', 'segcam.settings'}"
DRAWING = "{'rich.console'}"


def run(*arguments):
    """What a command prints, and which of the modules that take time it has imported."""
    code = (
        f"import sys; from segcam.cli.main import main; sys.argv[1:] = {list(arguments)}\n"
        f"try: main()\nfinally: print('imported', sorted(({HEAVY} | {DRAWING}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_built_and_explains_itself(name):
    command = build(name)
    assert command.name == name
    assert command.help


def test_all_commands_are_listed_without_what_takes_time():
    told = run("--help")
    for name, (_, line) in COMMANDS.items():
        assert f" {name} " in told
        assert line[:30] in told
    assert "imported ['rich.console']" in told


def test_a_status_is_asked_without_what_takes_time(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    assert "imported []" in run("status")


def test_a_commands_own_help_comes_from_its_options():
    told = run("models", "get", "--help")
    assert " models get [OPTIONS] {NAME}" in told
    assert "--background" in run("run", "--help")
