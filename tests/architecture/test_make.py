"""The first command of a new user, on a machine without any of SegCam's packages."""

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from support.scheduling import ProgramsByFile

ROOT = Path(__file__).parents[2]
APT = """#!/bin/sh
echo "$@" >> "$0.log"
case "$*" in *install*) ln -s "$0.python" "$(dirname "$0")/python3" ;; esac
"""
QUICK_PYTHON = """#!/bin/sh
[ "$2" = venv ] && exec {python} -m venv --without-pip "$3"
exec {python} "$@"
"""


@pytest.fixture
def programs(tmp_path):
    """A PATH with the programs of every Debian, but no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("make", "sh", "dirname", "ln"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


def write(path, script):
    path.write_text(script)
    path.chmod(0o755)


def be(programs, user):
    write(programs / "id", f"#!/bin/sh\necho {user}\n")


def has_apt(programs):
    write(programs / "apt-get", APT)
    write(programs / "apt-get.python", QUICK_PYTHON.format(python=sys.executable))


def make(programs, tmp_path, *arguments):
    venv = tmp_path / "venv"
    return subprocess.run(
        [programs / "make", f"{venv}/bin/pip", f"VENV={venv}", *arguments],
        cwd=ROOT,
        env={"PATH": str(programs), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_python_the_command_is_named(programs, tmp_path):
    be(programs, 1000)
    has_apt(programs)
    done = make(programs, tmp_path)
    assert done.returncode != 0
    assert "sudo apt-get install python3 python3-venv" in done.stderr
    assert not (programs / "apt-get.log").exists()


def test_root_gets_python_installed(programs, tmp_path):
    be(programs, 0)
    has_apt(programs)
    done = make(programs, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "venv" / "bin" / "python").exists()
    assert "install" in (programs / "apt-get.log").read_text()


def test_root_of_another_system_is_told_the_command(programs, tmp_path):
    be(programs, 0)
    done = make(programs, tmp_path)
    assert done.returncode != 0
    assert "Missing: python3" in done.stderr


def test_an_old_python_is_named_as_such(programs, tmp_path):
    be(programs, 1000)
    write(programs / "python3", "#!/bin/sh\nexit 1\n")
    done = make(programs, tmp_path)
    assert done.returncode != 0
    assert "SegCam needs Python 3.11 or newer" in done.stderr


def test_every_part_of_the_makefile_is_included():
    command = ["make", "-s", "--eval", "parts: ; @echo $(MAKEFILE_LIST)", "parts"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    folders = (ROOT / name for name in ("packaging", "models", "tests"))
    parts = {str(part.relative_to(ROOT)) for folder in folders for part in folder.rglob("*.mk")}
    assert len(parts) > 8
    assert parts <= set(done.stdout.split())


def test_tests_of_programs_in_one_file_go_to_one_worker_and_all_others_anywhere():
    unit_of = partial(ProgramsByFile._split_scope, None)
    assert unit_of("tests/e2e/test_cli.py::test_names[a::b]") == "tests/e2e/test_cli.py"
    assert (
        unit_of("tests/unit/test_fit.py::test_names[a]") == "tests/unit/test_fit.py::test_names[a]"
    )
    assert "--dist loadgroup" in (ROOT / "Makefile").read_text(), "see pytest_xdist_make_scheduler"
