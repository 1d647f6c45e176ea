"""SegCam in the background, as a process: started, paused, changed, told and ended."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.processes import SEGCAM, end_all_of
from support.waiting import wait_for, wait_until

from segcam.api import client, transport
from segcam.api.messages import Counters, State
from segcam.api.preview import Preview
from segcam.errors import DaemonNotRunning, SegCamError
from segcam.source.pattern import room
from segcam.zoo.library import DEFAULT, find

LIMIT_S = 60
SETTINGS = """
camera = "pattern"
size = "320x180"
output = "null"
backend = "null"
background = "color:#00ff00"
isolate = "never"
"""
GREEN, BLUE = (0, 255, 0), (0, 0, 255)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Folders of the test's own, with settings that need no camera."""
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
    for name, folder in (
        ("XDG_RUNTIME_DIR", "run"),
        ("SEGCAM_CONFIG", "config"),
        ("XDG_STATE_HOME", "state"),
    ):
        (tmp_path / folder).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "config/settings.toml").write_text(SETTINGS)
    yield tmp_path
    end_all_of(tmp_path / "run")


def segcam(*arguments, cwd=None):
    done = subprocess.run(
        [SEGCAM, *arguments], capture_output=True, text=True, check=False, timeout=90, cwd=cwd
    )
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def run(*options, env=None):
    """A run in the foreground; ended at the end."""
    command = [SEGCAM, "run", "--service", *options]
    environment = {**os.environ, **(env or {})}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(LIMIT_S)


@pytest.fixture
def running():
    with run() as process:
        until_live()
        yield process


def until_live(which=""):
    def look():
        try:
            now = client.status(which)
        except SegCamError:
            return None
        return now if now.phase == "live" else None

    return wait_for(look, LIMIT_S)


def trouble_of(which=""):
    """What the run tells, None where it does not answer or all is well."""
    try:
        return client.status(which).trouble
    except SegCamError:
        return None


def shown(preview, rgb):
    """Whether the newest picture's corner has this colour, about."""
    picture = preview.read()
    return picture is not None and np.abs(np.subtract(list(picture[3][:3]), rgb)).max() < 12


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
    assert "SegCam runs" in done.stderr, "the model may come"
    assert "/nowhere/model" in done.stderr


def test_a_pause_closes_the_camera_until_it_ends(running):
    assert client.pause().phase == "paused"
    assert not client.status().camera_on
    assert "switched off" in segcam("status").stdout
    assert segcam("resume").returncode == 0
    wait_until(lambda: client.status().camera_on)
    running.send_signal(signal.SIGUSR1)
    wait_until(lambda: client.status().paused)
    running.send_signal(signal.SIGUSR1)
    wait_until(lambda: not client.status().paused)


def test_viewers_see_the_placeholder_while_it_is_paused(running):
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        client.pause()
        wait_until(lambda: not shown(preview, GREEN))
        client.resume()
        wait_until(lambda: shown(preview, GREEN))


def test_what_is_set_is_there_after_a_restart_unless_it_was_for_once(home):
    with run():
        until_live()
        assert segcam("set", "--background", "color:#0000ff").returncode == 0
        assert segcam("set", "--once", "--mirror").returncode == 0
        assert client.status().mirror
    assert "isolate" in (home / "config/settings.toml").read_text(), "the rest of it stays"
    with run():
        now = until_live()
        assert (now.background, now.mirror) == ("color:#0000ff", False)


def test_options_of_a_run_go_before_the_file_and_what_is_set_before_both(home):
    with run("--background", "color:#0000ff", "--no-mirror"):
        assert until_live().background == "color:#0000ff"
        text = (home / "config/settings.toml").read_text()
        (home / "config/settings.toml").write_text(text + "mirror = true\n")
        time.sleep(3)
        assert not client.status().mirror, "the option holds for this run"
        client.change({"mirror": True})
        client.change({"background": "blur"})
        assert client.status().mirror
    assert 'background = "blur"' in (home / "config/settings.toml").read_text()


def test_the_file_is_taken_over_while_it_runs_and_a_broken_one_is_told(home, running):
    file = home / "config/settings.toml"
    file.write_text(SETTINGS.replace("#00ff00", "#0000ff"))
    wait_until(lambda: client.status().background == "color:#0000ff")
    file.write_text("background = [")
    running.send_signal(signal.SIGHUP)
    wait_until(lambda: client.status().trouble is not None)
    now = client.status()
    assert now.trouble["code"] == "config"
    assert (now.background, now.phase) == ("color:#0000ff", "live")
    file.write_text(SETTINGS)
    running.send_signal(signal.SIGHUP)
    wait_until(lambda: client.status().background == "color:#00ff00")
    assert client.status().trouble is None


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


def test_presets_are_saved_used_and_removed(running):
    client.save_preset("green")
    client.save_preset("blue and mirrored", {"background": "color:#0000ff", "mirror": True})
    assert client.presets()["current"] == "green"
    now = client.use_preset("blue and mirrored")
    assert (now.background, now.mirror, now.preset) == (
        "color:#0000ff",
        True,
        "blue and mirrored",
    )
    assert client.change({"mirror": False}).preset == ""
    client.remove_preset("blue and mirrored")
    assert list(client.presets()["presets"]) == ["green"]
    with pytest.raises(SegCamError, match="green"):
        client.use_preset("greeen")


def test_another_camera_size_and_rate_while_a_viewer_watches(running):
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        assert client.change({"camera": "demo"}).camera == "demo"
        wait_until(lambda: shown(preview, GREEN))
        assert client.status().width == 320, "what programs see stays"
        now = client.change({"size": "640x360", "fps": 15})
        assert (now.width, now.height, now.rate_hz) == (640, 360, 15.0)
        wait_until(lambda: (preview.read() or (0, 0, 0))[1:3] == (640, 360))
        before = client.status()
        with pytest.raises(SegCamError):
            client.change({"camera": "/nowhere/clip.mp4"})
        after = client.status()
        assert (after.camera, after.requested) == (before.camera, before.requested)
        wait_until(lambda: shown(preview, GREEN))


def test_a_broken_clip_never_takes_the_cameras_place(running, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip" * 1000)
    with pytest.raises(SegCamError):
        client.change({"camera": str(broken)})
    assert client.status().camera == "pattern"
    wait_until(lambda: client.status().phase == "live")


def test_no_picture_of_the_room_is_shown_while_cameras_change(running):
    wall = room((180, 320)).y[:60, :64].astype(float).ravel()
    stop, leaks = threading.Event(), []

    def look():
        with client.watch() as watching, Preview(watching.path) as preview:
            seen = 0
            while not stop.is_set():
                picture = preview.read()
                if picture is not None and picture[0] != seen and picture[1:3] == (320, 180):
                    seen = picture[0]
                    rows = np.frombuffer(picture[3], np.uint8).reshape(180, 320, 3)
                    corner = rows[:60, :64].mean(axis=2).ravel()
                    if corner.std() > 1 and np.corrcoef(corner, wall)[0, 1] > 0.5:
                        leaks.append(seen)
                time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    for camera in ("demo", "pattern") * 4:
        client.change({"camera": camera}, once=True)
    client.change({"background": "none"}, once=True)
    wait_until(lambda: leaks)
    client.change({"background": "blur"}, once=True)
    time.sleep(0.3)  # what is on its way to this reader
    leaks.clear()
    for camera in ("demo", "pattern") * 2:
        client.change({"camera": camera}, once=True)
    stop.set()
    thread.join()
    assert not leaks


def test_files_that_hang_end_no_status(running, tmp_path):
    fifo = tmp_path / "fifo.png"
    os.mkfifo(fifo)
    errors = []

    def choose():
        try:
            client.change({"background": f"image:{fifo}"})
        except SegCamError as error:
            errors.append(error)

    threads = [threading.Thread(target=choose) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert client.status().background == "color:#00ff00"
    assert client.change({"background": "color:#0000ff"}).background == "color:#0000ff"
    for thread in threads:
        thread.join(LIMIT_S)
    assert len(errors) == 8
    assert client.status().background == "color:#0000ff"


def test_a_picture_is_seen_soon_after_it_was_chosen(running, tmp_path):
    picture = tmp_path / "blue.png"
    cv2.imwrite(str(picture), np.full((3000, 4000, 3), (255, 0, 0), np.uint8))
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        client.change({"background": f"image:{picture}"})
        wait_until(lambda: shown(preview, BLUE))


def test_subscribers_hear_changes_and_the_end(running):
    with client.subscribe() as news:
        assert isinstance(news.read(), State)
        client.change({"background": "blur:7"})
        told = wait_for(lambda: next((n for n in news if isinstance(n, State)), None))
        assert told.background == "blur:7"
        wait_for(lambda: next((n for n in news if isinstance(n, Counters)), None))
        client.stop()
        assert list(news)[-1:] is not None, "it ends instead of hanging"
    assert running.wait(LIMIT_S) == 0


def test_a_client_may_end_a_subscription_from_another_thread(running):
    news, ended = client.subscribe(), threading.Event()

    def listen():
        for _ in news:
            pass
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.5)
    news.close()
    assert ended.wait(20)


def test_the_preview_is_its_users_alone_and_costs_nothing_otherwise(running):
    assert client.status().viewers == []
    with client.watch() as watching, Preview(watching.path) as preview:
        assert Path(watching.path).stat().st_mode & 0o777 == 0o600
        wait_until(lambda: preview.serial > 3)
        assert "preview" in client.status().viewers
        first = preview.read()
        assert len(first[3]) == first[1] * first[2] * 3
    with Preview(watching.path) as preview:
        wait_until(lambda: preview.serial == 0)
        time.sleep(0.5)
        assert preview.read() is None, "nobody watches"
    wait_until(lambda: "preview" not in client.status().viewers)


def test_watch_counts_pictures_and_writes_one(running, tmp_path):
    done = segcam("watch", "--duration", "2.5")
    assert done.returncode == 0
    assert "pictures in a second, 320x180" in done.stderr
    assert segcam("watch", "--png", "seen.png", cwd=tmp_path).returncode == 0
    picture = cv2.imread(str(tmp_path / "seen.png"))
    assert picture.shape == (180, 320, 3)


def test_a_second_one_of_another_name_has_everything_of_its_own(running):
    with run("--name", "office", "--background", "color:#0000ff") as second:
        now = until_live("office")
        assert (now.pid, now.name) == (second.pid, "office")
        assert segcam("set", "--name", "office", "--background", "blur:5").returncode == 0
        assert client.status("office").background == "blur:5"
        assert client.status().background == "color:#00ff00"
        time.sleep(2.5)
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
            assert wait_for(preview.read, LIMIT_S), "a placeholder is shown"
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


def test_lists_are_told_to_clients(running):
    names = [setting["name"] for setting in client.describe()]
    assert names[:2] == ["camera", "background"]
    assert any(model["name"] == DEFAULT for model in client.models())
    assert isinstance(client.cameras(), list)
    bundled = [each for each in client.backgrounds() if each["bundled"]]
    assert bundled
    assert client.change({"background": bundled[0]["value"]}).background == bundled[0]["value"]


def test_backgrounds_are_added_and_removed(running, tmp_path, monkeypatch):
    picture = tmp_path / "my room.png"
    cv2.imwrite(str(picture), np.full((90, 160, 3), 7, np.uint8))
    (tmp_path / "notes.png").write_text("no picture")
    with pytest.raises(SegCamError):
        client.add_background(str(tmp_path / "notes.png"))
    own = [each for each in client.add_background(str(picture)) if not each["bundled"]]
    added = next(each for each in own if each["id"].startswith("my room"))
    assert client.change({"background": added["value"]}).background == added["value"]
    left = client.remove_background(added["id"])
    assert added["id"] not in [each["id"] for each in left]


def test_after_a_kill_the_next_one_starts(home):
    with run() as killed:
        until_live()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with pytest.raises(DaemonNotRunning):
            client.status()
        with run() as process:
            assert until_live().pid == process.pid


def test_a_hundred_clients_disturb_no_picture(running):
    with client.watch() as watching, Preview(watching.path) as preview:
        wait_until(lambda: shown(preview, GREEN))
        half_open = [transport.connect() for _ in range(100)]
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(client.status())) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_S)
        assert len(answers) == 20
        before = preview.serial
        wait_until(lambda: preview.serial > before + 5)
        for connection in half_open:
            connection.close()


def test_the_status_is_json_that_any_program_reads(running):
    values = json.loads(segcam("status", "--json").stdout)
    assert State.from_dict(values).phase == "live"
