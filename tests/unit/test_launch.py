"""Children are started so that nothing of the working folder runs in them."""

import os
import subprocess
import sys

import pytest

from segcam import launch


def plant(folder, *names):
    """Modules that tell when they are imported."""
    for name in names:
        (folder / name).mkdir()
        for file in ("__init__.py", "__main__.py"):
            (folder / name / file).write_text(f"open({str(folder / 'RAN')!r}, 'w').close()\n")


@pytest.mark.parametrize("pythonpath", [None, "", ".", f"{os.pathsep}/nowhere"])
@pytest.mark.parametrize("module", ["segcam.segment.probe", "pip"])
def test_no_module_of_the_working_folder_runs(tmp_path, monkeypatch, module, pythonpath):
    plant(tmp_path, "pip", "cv2", "numpy", "typing", "json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if pythonpath is not None:
        monkeypatch.setenv("PYTHONPATH", pythonpath)
    subprocess.run(
        launch.command(module, "--version"),
        env=launch.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert not (tmp_path / "RAN").exists()


def test_whole_paths_of_the_user_stay(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(tmp_path), "relative"]))
    assert launch.environment()["PYTHONPATH"] == str(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ".")
    assert "PYTHONPATH" not in launch.environment()


def test_changes_are_added(monkeypatch):
    monkeypatch.setenv("PYTHONINSPECT", "1")
    environment = launch.environment({"TMPDIR": "/there"})
    assert environment["TMPDIR"] == "/there"
    assert "PYTHONINSPECT" not in environment


def test_a_frozen_program_starts_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = launch.command("segcam.segment.child", "{}")
    assert command == [sys.executable, launch.RUN_MODULE, "segcam.segment.child", "{}"]


def test_a_frozen_program_runs_what_it_was_started_for(monkeypatch, capsys):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["segcam", launch.RUN_MODULE, "this", "x"])
    with pytest.raises(SystemExit):
        launch.run_module_if_asked(sys.argv)
    monkeypatch.setattr(launch, "PROGRAMS", ("this",))
    monkeypatch.delitem(sys.modules, "this", raising=False)
    assert launch.run_module_if_asked(sys.argv)
    assert "Zen of Python" in capsys.readouterr().out
    assert sys.argv == ["segcam", "x"]


@pytest.mark.parametrize(
    "arguments", [["segcam"], ["segcam", "run"], ["segcam", launch.RUN_MODULE]]
)
def test_a_command_is_no_such_request(monkeypatch, arguments):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert not launch.run_module_if_asked(arguments)


def test_what_is_not_frozen_runs_no_module_by_name():
    assert not launch.run_module_if_asked(["segcam", launch.RUN_MODULE, "segcam"])
