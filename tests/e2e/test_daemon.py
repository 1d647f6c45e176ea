"""SegCam in the background, as a process: started, paused, told and ended."""

import signal
import socket
import subprocess
import time

import pytest
from support.daemons import (
    GREEN,
    LIMIT_S,
    SETTINGS,
    home,
    run,
    running,
    segcam,
    shown,
    trouble_of,
    until_live,
)
from support.processes import SEGCAM
from support.waiting import wait_for, wait_until

from segcam.api import client
from segcam.api.preview import Preview
from segcam.errors import DaemonNotRunning, SegCamError

__all__ = ["home", "running"]


def test_it_starts_in_the_background_tells_and_ends(home):
    started = segcam("start")
    assert started.returncode == 0, started.stderr
    now = until_live()
    assert str(now.pid) in started.stderr
    assert str(now.pid) in segcam("start").stderr, "one that runs is left alone"
    assert (now.camera, now.background, now.width) == ("pattern", "color:#00ff00", 320)
    assert now.requested["backend"] == "null"
    assert segcam("restart").returncode == 0
    assert until_live().pid != now.pid
    assert segcam("stop").returncode == 0
    assert segcam("stop").returncode == 3
    assert segcam("status").returncode == 3
    assert (home / "state/segcam/segcam.log").exists()
    assert (home / "state/segcam/segcam.log").stat().st_mode & 0o077 == 0


def test_a_start_without_a_picture_says_why(home):
    (home / "config/settings.toml").write_text(SETTINGS + 'model = "/nowhere/model.onnx"\n')
    done = segcam("start")
    assert done.returncode == 1
    assert "SegCam is running" in done.stderr, "the model may come"
    assert "/nowhere/model" in done.stderr


def test_a_pause_closes_the_camera_until_it_ends(running):
    assert client.pause().phase == "paused"
    assert not client.status().camera_on
    assert "turned off by you" in segcam("status").stdout
    assert segcam("resume").returncode == 0
    wait_until(lambda: client.status().camera_on)
    running.send_signal(signal.SIGUSR1)
    wait_until(lambda: client.status().paused)
    running.send_signal(signal.SIGUSR1)
    wait_until(lambda: not client.status().paused)


def test_it_is_switched_off_while_it_starts(home):
    def is_off():
        try:
            return client.status().paused
        except SegCamError:
            return False

    with run() as process:
        wait_until((home / "run/segcam/lock").exists, alive=process)
        process.send_signal(signal.SIGUSR1)
        wait_until(is_off, alive=process)


def test_viewers_see_the_placeholder_while_it_is_paused(running):
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        client.pause()
        wait_until(lambda: not shown(preview, GREEN))
        client.resume()
        wait_until(lambda: shown(preview, GREEN))


def test_a_hangup_that_was_to_be_ignored_is_ignored(home):
    command = f"trap '' HUP; exec {SEGCAM} run --service"
    with subprocess.Popen(["sh", "-c", command], start_new_session=True) as process:
        until_live()
        (home / "config/settings.toml").write_text(SETTINGS)
        process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert process.poll() is None
        process.terminate()
        process.wait(LIMIT_S)


def test_a_second_one_of_another_name_has_everything_of_its_own(home, running):
    with run("--name", "office", "--background", "color:#0000ff") as second:
        now = until_live("office")
        assert (now.pid, now.name) == (second.pid, "office")
        assert segcam("set", "--name", "office", "--background", "blur:5").returncode == 0
        assert client.status("office").background == "blur:5"
        assert client.status().background == "color:#00ff00"
        (home / "config/settings.toml").write_text(SETTINGS.replace("pattern", "demo"))
        wait_until(lambda: client.status().camera == "demo")  # it has read its settings again
        assert client.status().background == "color:#00ff00", "its settings are not the first's"
        assert segcam("stop").returncode == 0
        assert "named office" in segcam("status").stdout, "it is the one that is left"
        assert segcam("stop").returncode == 0
        assert second.wait(LIMIT_S) == 0


def test_who_comes_second_says_who_has_it(running):
    done = segcam("run", "--service")
    assert done.returncode == 1
    assert f"process {running.pid}" in done.stderr
    assert running.poll() is None
    with run("--replace"):
        assert running.wait(LIMIT_S) == 0
        until_live()


def test_without_its_webcam_a_service_goes_on_and_takes_another(home):
    with run("--camera", "no such webcam") as process:
        trouble = wait_for(trouble_of, LIMIT_S)
        assert (trouble["code"], trouble["title"]) == (
            "camera.lost",
            "There is no camera no such webcam",
        )
        wait_for(lambda: client.status().phase == "trouble", LIMIT_S)
        with client.watch() as watching, Preview(watching.path) as preview:
            assert wait_for(preview.read, LIMIT_S), "showing a placeholder"
            assert client.change({"camera": "pattern"}).trouble is None
            wait_for(lambda: shown(preview, GREEN), LIMIT_S)
        assert process.poll() is None


def test_with_a_broken_settings_file_a_service_goes_on_and_says_so(home):
    (home / "config/settings.toml").write_text("camera = [")
    with run("--camera", "pattern", "--output", "null"):
        assert until_live().trouble["code"] == "config"


def test_systemd_is_told_of_start_life_and_end(home):
    address = str(home / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(LIMIT_S)
        told = []

        def hear(wanted):
            while not any(wanted in each for each in told):
                told.append(manager.recv(4096).decode())

        with run(env={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000000"}) as process:
            hear("READY=1")
            hear("WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            hear("STOPPING=1")
            assert process.wait(LIMIT_S) == 0


def test_after_a_kill_the_next_one_starts(home):
    with run() as killed:
        until_live()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with pytest.raises(DaemonNotRunning):
            client.status()
        with run() as process:
            assert until_live().pid == process.pid
