"""Changes of a running SegCam, and which of them are stored."""

import os
import signal
import threading
import time

import cv2
import numpy as np
import pytest
from support.daemons import (
    BLUE,
    GREEN,
    LIMIT_S,
    SETTINGS,
    home,
    run,
    running,
    segcam,
    shown,
    until_live,
)
from support.waiting import wait_until

from segcam.api import client
from segcam.api.preview import Preview
from segcam.errors import SegCamError
from segcam.source.pattern import room

__all__ = ["home", "running"]


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
        text = SETTINGS.replace("pattern", "demo") + "mirror = true\n"
        (home / "config/settings.toml").write_text(text)
        wait_until(lambda: client.status().camera == "demo")
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
    stop, leaks = threading.Event(), []  # for each picture

    def look():
        with client.watch() as watching, Preview(watching.path) as preview:
            seen = 0
            while not stop.is_set():
                picture = preview.read()
                if picture is not None and picture[0] != seen and picture[1:3] == (320, 180):
                    seen = picture[0]
                    rows = np.frombuffer(picture[3], np.uint8).reshape(180, 320, 3)
                    corner = rows[:60, :64].mean(axis=2).ravel()
                    leaks.append(corner.std() > 1 and np.corrcoef(corner, wall)[0, 1] > 0.5)
                time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    for camera in ("demo", "pattern") * 4:
        client.change({"camera": camera}, once=True)
    assert not any(leaks)
    client.change({"background": "none"}, once=True)
    wait_until(lambda: any(leaks))
    client.change({"background": "blur"}, once=True)
    wait_until(lambda: not leaks[-1])  # after what was on its way to this reader
    hidden_from = len(leaks)
    for camera in ("demo", "pattern") * 2:
        client.change({"camera": camera}, once=True)
    wait_until(lambda: len(leaks) > hidden_from)
    stop.set()
    thread.join()
    assert not any(leaks[hidden_from:])


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
