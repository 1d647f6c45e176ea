"""``segcam status`` and the run it speaks to, as processes; the camera is PipeWire's."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest
from support.processes import SEGCAM
from support.waiting import LIMIT_S, listens, wait_for, wait_until

from segcam.zoo.library import DEFAULT, find

RUN = ("run", "--camera", "pattern", "--size", "320x180", "--backend", "null")


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session folder of the test's own, without a bus."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pipewire(session):
    if not shutil.which("pipewire"):
        pytest.skip("pipewire is not installed")
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
    log = (session / "pipewire.log").open("wb")
    with log, subprocess.Popen(["pipewire"], stdout=log, stderr=log) as running:
        try:
            wait_until(lambda: listens(session / "pipewire-0"))
            yield running
        finally:
            running.kill()


@contextmanager
def run(*options):
    command = [SEGCAM, *RUN, *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def status(*options):
    command = [SEGCAM, "status", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S)


def status_of(process):
    """The status, once that process has started."""

    def ask():
        assert process.poll() is None, process.stderr.read()
        done = status("--json")
        found = json.loads(done.stdout) if done.returncode == 0 else {}
        started = found.get("phase", "starting") != "starting" and found.get("counters")
        return found if found.get("pid") == process.pid and started else None

    return wait_for(ask)


def test_without_a_run_it_says_so_in_one_line_and_its_exit_code(session):
    for options in ((), ("--json",)):
        done = status(*options)
        assert done.returncode == 3
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert "segcam run" in done.stderr


def test_it_tells_what_runs_and_ends_with_it(pipewire):
    with run("--output", "pipewire") as process:
        now = status_of(process)
        assert (now["camera"], now["width"], now["height"]) == ("pattern", 320, 180)
        assert (now["backend"], now["background"]) == ("null", "blur")
        assert [output["name"] for output in now["outputs"]] == ["PipeWire"]
        assert now["outputs"][0]["viewers"] == []
        assert not now["in_use"]
        told = status().stdout
        for expected in ("pattern 320x180 at 30 Hz", "null", "blur", "PipeWire", "nobody is"):
            assert expected in told
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
    assert status().returncode == 3


def test_a_second_run_says_who_has_it_and_one_into_a_file_disturbs_nobody(pipewire):
    with run("--output", "pipewire") as first:
        status_of(first)
        silent = subprocess.run(
            [SEGCAM, *RUN, "--output", "null", "--duration", "1"], capture_output=True, check=False
        )
        assert silent.returncode == 0
        refused = subprocess.run(
            [SEGCAM, *RUN, "--output", "pipewire"], capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert f"process {first.pid}" in refused.stderr
        assert "--replace" in refused.stderr
        assert first.poll() is None
        assert json.loads(status("--json").stdout)["pid"] == first.pid


def test_replacing_ends_the_first_and_takes_its_place(pipewire):
    with run("--output", "pipewire") as first:
        status_of(first)
        with run("--output", "pipewire", "--replace") as second:
            assert first.wait(LIMIT_S) == 0
            assert status_of(second)["pid"] == second.pid


def test_when_the_first_has_ended_the_status_is_of_the_one_that_is_left(pipewire):
    with run("--output", "pipewire") as first:
        status_of(first)
        with run("--output", "null", "--name", "office") as second:
            wait_until(lambda: status("--name", "office").returncode == 0)
            assert status_of(first)["name"] == ""
            first.send_signal(signal.SIGINT)
            assert first.wait(LIMIT_S) == 0
            assert status_of(second)["name"] == "office"


def test_after_a_kill_nobody_answers_and_the_next_run_does(pipewire):
    with run("--output", "pipewire") as killed:
        status_of(killed)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    assert status().returncode == 3
    with run("--output", "pipewire") as process:
        assert status_of(process)["pid"] == process.pid


def test_a_stopped_run_does_not_hold_the_one_who_asks(pipewire):
    with run("--output", "pipewire") as process:
        status_of(process)
        process.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        done = status()
        assert done.returncode == 1
        assert "does not answer" in done.stderr
        assert time.monotonic() - start < LIMIT_S
        process.send_signal(signal.SIGCONT)
        assert status_of(process)


def test_a_camera_and_a_file_at_once(pipewire, session):
    with run("--output", "pipewire,file:call.mp4", "--background", "color:#00ff00") as process:
        now = status_of(process)
        outputs = [(output["name"], output["in_use"]) for output in now["outputs"]]
        assert outputs == [("PipeWire", False), (str(session / "call.mp4"), True)]
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
    assert (session / "call.mp4").stat().st_size > 1000


def test_pipewire_that_ends_takes_the_file_nothing(pipewire, session):
    with run("--output", "pipewire,file:call.mp4") as process:
        status_of(process)
        pipewire.kill()
        lost = wait_for(lambda: status_of(process)["outputs"][0]["trouble"])
        assert lost["hint"]
        before = status_of(process)
        assert before["outputs"][1]["trouble"] is None
        wait_until(lambda: status_of(process)["counters"]["sent"] > before["counters"]["sent"])
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0
    assert (session / "call.mp4").exists()
