"""Hardening of a process: no core, no debugger, open standard descriptors."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("Linux alone has all of it", allow_module_level=True)

PROTECTED = "from segcam.process import protect_memory; protect_memory(); "


def run(code, **options):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_a_crash_leaves_no_core(tmp_path):
    code = PROTECTED + "import os; os.kill(os.getpid(), 11)"

    def allow_cores():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    done = run(code, cwd=tmp_path, preexec_fn=allow_cores)
    assert done.returncode == -signal.SIGSEGV
    assert not list(tmp_path.iterdir())


def test_cores_are_forbidden_to_its_children_as_well():
    done = run(PROTECTED + "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))")
    assert done.stdout == "(1, 1)\n"


def test_nobody_but_root_can_read_its_memory():
    assert run(PROTECTED + "import ctypes; print(ctypes.CDLL(None).prctl(3))").stdout == "0\n"
    code = PROTECTED + "import os; print(os.stat('/proc/self/mem').st_uid)"
    if os.getuid() != 0:
        assert run(code).stdout == "0\n"
        return
    root = Path(__file__).parents[2]
    command = ["/usr/bin/python3", "-c", f"import sys; sys.path.append({str(root)!r}); {code}"]
    try:
        done = subprocess.run(
            command, user=65534, extra_groups=[], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("other users cannot read the program here")
    assert done.stdout == "0\n"


def test_a_process_can_still_look_at_itself():
    code = (
        PROTECTED
        + "import os; print(len(os.listdir('/proc/self/fd')), open('/proc/self/maps').read(4))"
    )
    assert not run(code).stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (0, 1, 2)])
def test_descriptors_that_were_closed_lead_to_nowhere(tmp_path, closed):
    code = (
        "import os, sys\n"
        "from segcam.process import open_standard_streams\n"
        "open_standard_streams()\n"
        f"file = os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_WRONLY)\n"
        "print('lost')\n"
        "print('lost', file=sys.stderr)\n"
        "sys.stdin.read()\n"
        "os.write(file, str(file > 2).encode())\n"
    )

    def close():
        for number in closed:
            os.close(number)

    subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=close,
        check=True,
    )
    assert (tmp_path / "file").read_text() == "True"


@pytest.mark.parametrize("pythonpath", [None, "", ":/nowhere", "."])
@pytest.mark.parametrize("start", [["-m", "segcam"], ["segcam_script"]])
def test_no_module_of_the_working_folder_is_imported(tmp_path, start, pythonpath):
    script = tmp_path / "segcam_script"
    script.write_text("from segcam.cli.main import main; main()\n")
    for name in ("click", "rich", "logging", "json", "typing", "signal", "enum", "__future__"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w').close()\n")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if pythonpath is not None:
        environment["PYTHONPATH"] = pythonpath
    command = [sys.executable, *start, "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert not (tmp_path / "RAN").exists()
    assert done.stdout.startswith("segcam ")


def test_the_program_is_protected_from_its_first_moment(tmp_path):
    code = (
        "import sys, ctypes; sys.argv = ['segcam', '--version']\n"
        "from segcam.cli.main import main\n"
        "try: main()\n"
        "finally: print(ctypes.CDLL(None).prctl(3), __import__('resource').getrlimit(4))\n"
    )
    assert run(code, cwd=tmp_path).stdout.splitlines()[-1] == "0 (1, 1)"


def test_every_program_that_holds_pictures_protects_them():
    root = Path(__file__).parents[2] / "segcam"
    for name in ("cli/main.py", "segment/child.py", "segment/probe.py"):
        assert "process.protect_memory()" in (root / name).read_text()
