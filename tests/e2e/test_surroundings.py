"""Unusual environments of SegCam, and readers of its messages that fail."""

import fcntl
import os
import pty
import resource
import signal
import subprocess
import sys
import termios
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from support.packages import have_package
from support.processes import read_until
from support.tiny_tflite import write_segmenter
from support.waiting import wait_until

if sys.platform != "linux":
    pytest.skip("signals, descriptors and /dev/full as Linux has them", allow_module_level=True)

SEGCAM = str(Path(sys.executable).parent / "segcam")


@pytest.fixture
def run(tmp_path):
    """The arguments of a camera that needs no model to be downloaded."""
    write_segmenter(tmp_path / "tiny.tflite")
    return [
        *("run", "--camera", "pattern", "--size", "320x180", "--output", "null", "--always-on"),
        *("--backend", "null", "--model", str(tmp_path / "tiny.tflite")),
    ]


def started(arguments, **options):
    return subprocess.Popen([SEGCAM, *arguments], **options)


def told(arguments, **options):
    """Exit status, and what it said on stderr."""
    done = subprocess.run(
        [SEGCAM, *arguments], capture_output=True, text=True, check=False, timeout=120, **options
    )
    assert "Traceback" not in done.stderr
    assert "has a bug" not in done.stderr
    return done.returncode, " ".join(done.stderr.split())


def is_running_threads(process):
    """Whether the pipeline's threads run."""
    names = []
    for task in Path(f"/proc/{process.pid}/task").glob("*/comm"):
        with suppress(OSError):  # a thread has ended meanwhile
            names.append(task.read_text())
    return process.poll() is not None or sum("segcam" in name for name in names) >= 3


def main_has_begun(process):
    """Whether SegCam's own first line has run: it forbids cores."""
    limits = " ".join(Path(f"/proc/{process.pid}/limits").read_text().split())
    return "core file size 1 " in limits or process.poll() is not None


@pytest.mark.parametrize("pause_s", [0.001, 0.01, 0.03, 0.06, 0.1, 0.2])
def test_ctrl_c_ends_it_quietly_while_python_starts(pause_s):
    if not Path(SEGCAM).read_bytes().startswith(b"#!/bin/sh"):
        pytest.skip("installed by pip alone: make installs packaging/segcam.sh")
    process = started(["status"], stderr=subprocess.PIPE, text=True)
    time.sleep(pause_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (130, -signal.SIGINT) or "is not running" in said


@pytest.mark.parametrize("pause_s", [0, 0.02, 0.05, 0.1, 0.2])
def test_ctrl_c_ends_it_quietly_from_the_first_moment(pause_s):
    process = started(["status"], stderr=subprocess.PIPE, text=True)
    wait_until(lambda: main_has_begun(process), "it did not start")
    time.sleep(pause_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (130, -signal.SIGINT) or "is not running" in said


@pytest.mark.parametrize("pause_s", [0, 0.1])
def test_the_switch_ends_no_command(pause_s):
    process = started(["status"], stderr=subprocess.PIPE, text=True)
    wait_until(lambda: main_has_begun(process), "it did not start")
    time.sleep(pause_s)
    process.send_signal(signal.SIGUSR1)
    process.communicate(timeout=60)
    assert process.returncode in (0, 3)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_camera_without_a_traceback(run, name):
    process = started(run, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: is_running_threads(process), "it did not start")
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (0, 130)


def in_a_terminal(arguments, ours, theirs):
    """The program, controlled by the terminal ``theirs``, whose other side is ``ours``."""

    def control():
        os.close(ours)
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    return started(
        arguments, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=control
    )


def end_running(process):
    """It still runs; Ctrl-C ends it as usual."""
    read_until(process, "Press Ctrl-C")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "Sent" in said


@pytest.mark.parametrize(("has_terminal", "is_named"), [(False, True), (True, False)])
def test_a_hangup_ends_no_start_unless_the_terminal_is_closed(run, has_terminal, is_named):
    run = run if is_named else run[1:]  # `segcam --camera demo` runs, too
    ours, theirs = pty.openpty()
    with ExitStack() as stack:
        for end in (ours, theirs):
            stack.callback(os.close, end)
        if has_terminal:
            process = in_a_terminal(run, ours, theirs)
        else:
            process = started(run, stderr=subprocess.PIPE, text=True, start_new_session=True)
        wait_until(lambda: main_has_begun(process), "it did not start")
        while not is_running_threads(process):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.02)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        end_running(process)


@pytest.mark.parametrize("pause_s", [0, 0.3])
def test_a_closed_terminal_ends_it_while_it_starts(run, pause_s):
    ours, theirs = pty.openpty()
    process = in_a_terminal(run, ours, theirs)
    wait_until(lambda: main_has_begun(process), "it did not start")
    time.sleep(pause_s)
    os.close(theirs)
    os.close(ours)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (0, 130, -signal.SIGINT)


def test_what_nohup_has_switched_off_stays_off(run):
    ignoring = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    process = started(run, stderr=subprocess.PIPE, text=True, preexec_fn=ignoring)
    wait_until(lambda: is_running_threads(process), "it did not start")
    process.send_signal(signal.SIGHUP)
    time.sleep(1)
    end_running(process)


@pytest.mark.parametrize("verbose", [(), ("-v",)])
def test_a_full_disk_under_its_messages_does_not_stop_the_camera(run, verbose):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SEGCAM, *run, "--duration", "2", *verbose],
            stderr=full,
            stdout=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0


def test_a_reader_of_its_messages_that_goes_does_not_stop_the_camera(run):
    process = started([*run, "--duration", "4", "-v"], stderr=subprocess.PIPE)
    process.stderr.read(10)
    process.stderr.close()
    assert process.wait(60) == 0


def test_a_reader_of_all_that_goes_is_no_error(run):
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = started([*run, "--duration", "2", "-v"], **both)
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(60) == 0


def test_a_reader_of_its_messages_that_never_reads_does_not_stop_the_camera(run):
    reading, writing = os.pipe()
    process = started([*run, "--duration", "4", "-v"], stderr=writing)
    os.set_blocking(writing, False)
    try:
        while True:  # nothing fits any more
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)
    assert process.wait(60) == 0
    os.close(reading)
    os.close(writing)


def test_a_terminal_that_is_halted_does_not_stop_the_camera(run):
    ours, theirs = pty.openpty()
    process = started([*run, "--duration", "4", "-v"], stderr=theirs)
    os.write(ours, b"\x13")  # Ctrl-S
    assert process.wait(60) == 0
    os.close(ours)
    os.close(theirs)


def test_a_result_that_cannot_be_printed_is_an_error_with_its_cause():
    with Path("/dev/full").open("w") as full:
        command = [SEGCAM, "models", "list", "--json"]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_camera_runs_with_closed_descriptors(run, closed):
    def close():
        for number in closed:
            os.close(number)

    process = started(
        [*run, "--duration", "1", "-v"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=close,
    )
    assert process.wait(60) == 0


def test_without_a_home_it_says_what_to_set(tmp_path):
    program = "import os, pwd; pwd.getpwuid = lambda _: (_ for _ in ()).throw(KeyError('uid'))\n"
    program += "import sys; sys.argv = ['segcam', 'models', 'list']\n"
    program += "from segcam.cli.main import main; main()\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 2
    assert "SEGCAM_MODELS" in done.stderr
    assert not list(tmp_path.iterdir()), "no folder named ~"


@pytest.mark.parametrize("limit_mb", [70, 100, 250, 450])
def test_too_little_memory_is_named_as_the_cause(run, limit_mb):
    limit = limit_mb * 10**6

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [SEGCAM, *run, "--duration", "1"],
        preexec_fn=limited,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or f"limited to {limit_mb} MB" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["help"], ["run", "-h"], ["help", "models", "get"]]
)
def test_help_is_found_by_every_name(arguments):
    done = subprocess.run(
        [SEGCAM, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Usage: segcam" in done.stdout


@pytest.mark.parametrize("arguments", [["run", "--camera", "demo"], ["start"]])
def test_a_truncated_library_is_named_with_its_cure(tmp_path, arguments):
    """Loading one ends the process by a signal, without a word."""
    library = have_package(tmp_path / "site")
    (library.parent / "__init__.py").write_text("import os; os.kill(os.getpid(), 7)")
    library.write_bytes(b"co")
    own = {"PYTHONPATH": str(tmp_path / "site"), "XDG_RUNTIME_DIR": str(tmp_path)}
    code, said = told(arguments, env={**os.environ, **own})
    assert code == 1
    assert "missing or damaged: opencv-python-headless" in said
    assert "pip install --force-reinstall opencv-python-headless" in said


def test_a_folder_that_is_gone_is_told(tmp_path, run):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'cd "{gone}"; rmdir "{gone}"; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", command, "sh", SEGCAM, *run, "--duration", "0.2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "is gone" in done.stderr


def test_python_dash_m_is_the_same_program():
    command = [sys.executable, "-m", "segcam", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("segcam ")


ODD_NAMES = ("", "/", "..", "~nobody-of-that-name/x", "\udcff", "\x1b[2J", "n" * 5000, "/dev/zero")


@pytest.mark.parametrize(
    ("option", "name"),
    [("--model", name) for name in ODD_NAMES]
    + [("--name", name) for name in ("a/b", "..", ODD_NAMES[5])]
    + [(option, ODD_NAMES[3]) for option in ("--camera", "--background", "--output")]
    + [(option, ODD_NAMES[5]) for option in ("--camera", "--background", "--backend", "--edges")],
)
def test_any_name_gets_an_answer_in_words(run, option, name):
    code, said = told([*run, "--duration", "0.2", option, name])
    assert code in (0, 1, 2)
    assert "\x1b" not in said


def test_an_unknown_option_steers_no_terminal():
    code, said = told(["run", "--\x1b[2J\u202e"])
    assert code == 2
    assert "\x1b" not in said
    assert "\u202e" not in said
