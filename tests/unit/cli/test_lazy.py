"""A command is built when it is called, and listed without that."""

import importlib.util
import subprocess
import sys

import click
import pytest

from segcam.cli import desktop, lazy
from segcam.cli.commands import app
from segcam.cli.lazy import COMMANDS, build

HEAVY = {"numpy", "cv2", "av", "rich", "tomlkit", "platformdirs", "segcam.settings"}
"""What takes time."""
NEEDLESS = {"multiprocessing", "runpy", "tempfile", "urllib.request", "asyncio", "ssl"}
"""What takes time, too, and nobody needs to ask the running SegCam."""
MOST = 195
"""Modules; there were 217 before each of them was looked at."""


def run(*arguments):
    """A command's output, and the modules that it has imported."""
    code = (
        f"import sys; from segcam.cli.main import main; sys.argv[1:] = {list(arguments)}\n"
        f"try: main()\nfinally: print('imported', *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.stdout, set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_built_and_explains_itself(name):
    command = build(name)
    assert command.name == name
    assert command.help


def test_all_commands_are_listed_without_what_takes_time():
    told, imported = run("--help")
    for name, (_, line) in COMMANDS.items():
        assert f" {name} " in told
        assert line[:30] in told
    assert not imported & (HEAVY | NEEDLESS)


def test_a_status_is_asked_without_what_takes_time(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    _, imported = run("status")
    assert not imported & (HEAVY | NEEDLESS)
    assert len(imported) < MOST


def test_a_commands_own_help_comes_from_its_options():
    told, _ = run("models", "get", "--help")
    assert " models get [OPTIONS] NAME" in told
    told, imported = run("run", "--help")
    assert "--background" in told
    assert told.index("--mirror") < told.index("Advanced options:") < told.index("--threads")
    assert not imported & (HEAVY - {"segcam.settings"})


def test_a_group_lists_its_commands_whole():
    told, _ = run("preset", "--help")
    assert "the current background, edges and mirror." in " ".join(told.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["statsu"], "Error: No such command 'statsu'. Did you mean 'status'"),
        (["preset", "sav"], "Did you mean 'save'? See: segcam preset --help"),
        (["run", "--bakground", "x"], "Did you mean '--background' or"),
        (["run", "--duration", "\x1b"], "See: segcam run --help"),
        (["set", "--budget"], "Error: Option '--budget' requires an argument."),
        (["preset"], "Usage: segcam preset"),
    ],
)
def test_wrong_use_names_what_is_near_and_where_help_is(arguments, told):
    code = f"import sys; from segcam.cli.main import main; sys.argv[1:] = {arguments}; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert told in done.stderr
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["--mirror"]])
def test_without_a_command_it_is_run(monkeypatch, arguments):
    called = []
    mirror = click.Option(["--mirror"], is_flag=True)

    def run(mirror):
        called.append(mirror)

    monkeypatch.setattr(lazy, "build", lambda name: click.Command(name, None, run, [mirror]))
    monkeypatch.setattr(lazy.intact, "complaint", lambda _: None)
    app.main(arguments, standalone_mode=False)
    assert called == [bool(arguments)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
@pytest.mark.parametrize("screen", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_alone_it_is_the_window_where_there_is_a_screen(monkeypatch, screen):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not desktop.is_there()
    monkeypatch.setenv(screen, ":1")
    assert desktop.is_there()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name != "PySide6" or None)
    assert not desktop.is_there(), "its packages are not installed"


WINDOW = """
import ctypes, os

def main():
    PR_GET_DUMPABLE = 3
    print(os.getpid(), ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), flush=True)
    return 7
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's flag of a process")
def test_segcam_alone_becomes_the_window_without_another_python(monkeypatch, tmp_path):
    for name in ("segcam_ui", "PySide6"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "segcam_ui" / "__main__.py").write_text(WINDOW)
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, "-P", "-m", "segcam"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 7
    assert said.split() == [str(process.pid), "1"], "desktop portals must be able to look at it"
