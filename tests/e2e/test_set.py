"""``segcam set`` and the run it changes, as processes; a program watches through PipeWire."""

import json
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
from pipewire.conftest import session  # noqa: F401
from support.processes import SEGCAM
from support.waiting import LIMIT_S, wait_until
from watching.gstreamer import Recording

from segcam.source.pattern import room
from segcam.zoo.library import DEFAULT, find, models_directory

if sys.platform != "linux":
    pytest.skip("PipeWire is Linux's", allow_module_level=True)

# Without a budget: a busy machine must not exchange what a test has asked for.
RUN = (
    *("run", "--camera", "pattern", "--size", "320x180", "--backend", "null"),
    *("--budget", "0", "--output"),
)
SIZE = (180, 320)
GREEN, BLUE = (145, 54, 34), (41, 240, 110)


@pytest.fixture
def models(monkeypatch):
    """The session has a home of its own, where no models are."""
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
    monkeypatch.setenv("SEGCAM_MODELS", str(models_directory()))


@pytest.fixture
def running(models, session, monkeypatch, tmp_path):  # noqa: F811
    """A run that offers a camera."""
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("NO_COLOR", "1")
    with subprocess.Popen([SEGCAM, *RUN, "pipewire"], stderr=subprocess.PIPE, text=True) as process:
        wait_until(has_started)
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 0, process.stderr.read()


@pytest.fixture
def client(running):
    """A program that takes its picture."""
    with Recording(SIZE) as client:
        wait_until(lambda: client.count)
        yield client


def comes(client, wanted):
    """Wait until the newest frame is a wanted one."""
    wait_until(lambda: wanted(client.pictures(client.count - 1)[0]))


def segcam(*arguments, cwd=None):
    done = subprocess.run(
        [SEGCAM, *arguments], capture_output=True, text=True, check=False, timeout=LIMIT_S, cwd=cwd
    )
    assert "Traceback" not in done.stderr
    return done


def change(*options, cwd=None):
    done = segcam("set", *options, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stderr


def status():
    return json.loads(segcam("status", "--json").stdout)


def has_started():
    """Viewers see a placeholder before that."""
    done = segcam("status", "--json")
    return done.returncode == 0 and json.loads(done.stdout)["phase"] != "starting"


def is_plain(yuv):
    return lambda frame: [int(plane[2, 2]) for plane in frame.planes] == list(yuv)


def shows_room(frame):
    wall, picture = (f.y[:60, :64].astype(float).ravel() for f in (room(SIZE), frame))
    return picture.std() > 1 and np.corrcoef(picture, wall)[0, 1] > 0.5


def test_the_background_changes_before_the_clients_eyes(client):
    for colour, yuv in (("#00ff00", GREEN), ("#0000ff", BLUE)):
        told = change("--background", f"color:{colour}")
        assert f"color:{colour}" in told
        comes(client, is_plain(yuv))
        assert status()["background"] == f"color:{colour}"
    assert not any(map(shows_room, client.pictures()))


def test_none_shows_the_room_until_it_is_hidden_again(client):
    assert not any(map(shows_room, client.pictures()))
    assert "shows the room" in change("--background", "none")
    comes(client, shows_room)
    assert "shows the room" in segcam("status").stdout
    change("--background", "blur:0")
    comes(client, lambda frame: not shows_room(frame))  # after those that were on their way
    hidden_from = client.count
    wait_until(lambda: client.count > hidden_from + 60)
    assert not any(map(shows_room, client.pictures(hidden_from)))
    assert "shows the room" not in segcam("status").stdout


def test_another_model_takes_over_while_frames_flow(client, running):
    change("--background", "color:#00ff00")
    told = change("--model", "selfie-landscape", "--backend", "litert-cpu", "--edges", "sharp")
    assert "selfie-landscape on litert-cpu, sharp edges" in told
    now = status()
    assert (now["model"], now["backend"], now["edges"]) == (
        "selfie-landscape",
        "litert-cpu",
        "sharp",
    )
    comes(client, is_plain(GREEN))
    change("--backend", "null", "--edges", "fast")
    assert status()["backend"] == "null"
    seen = client.count
    wait_until(lambda: client.count > seen + 30)
    assert status()["trouble"] is None
    assert running.poll() is None


def test_a_pictures_path_is_the_callers_and_the_mirror_turns(client, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    halves = np.zeros((90, 160, 3), np.uint8)
    halves[:, :80] = 0, 255, 0
    assert cv2.imwrite(str(folder / "halves.png"), halves)
    change("--background", "image:halves.png", cwd=folder)
    comes(client, is_plain(GREEN))
    change("--mirror")
    assert status()["mirror"]
    change("--background", "none")
    mirrored = room(SIZE).y[:40, ::-1][:, :60]
    comes(client, lambda frame: np.array_equal(frame.y[:40, :60], mirrored))
    change("--no-mirror", "--background", "blur")
    assert not status()["mirror"]


def test_who_watches_sees_another_camera(client, running):
    change("--background", "none")
    comes(client, shows_room)
    assert "demo 320x180" in change("--camera", "demo")
    comes(client, lambda frame: not shows_room(frame) and frame.u.std() > 3)
    change("--camera", "pattern")
    comes(client, shows_room)
    assert running.poll() is None


def test_a_camera_that_cannot_be_had_leaves_the_old_one(client):
    change("--background", "none")
    done = segcam("set", "--camera", "no such webcam")
    assert (done.returncode, status()["requested"]["camera"]) == (1, "pattern")
    seen = client.count
    wait_until(lambda: any(map(shows_room, client.pictures(seen))))


def test_another_output_takes_the_camera_away_and_brings_it_back(client, session):  # noqa: F811
    change("--output", "null")
    assert [each["name"] for each in status()["outputs"]] == ["null"]
    wait_until(lambda: '"SegCam"' not in session.dump())
    change("--output", "pipewire")
    wait_until(lambda: '"SegCam"' in session.dump())
    with Recording(SIZE) as again:
        wait_until(lambda: again.count)


REFUSED = (
    ((), 2, "nothing to change"),
    (("--background", "blurr"), 2, "Did you mean 'blur'?"),
    (("--background", "image:missing.jpg"), 1, "missing.jpg"),
    (("--background", "image:" + "n" * 300), 1, "File name too long"),
    (("--model", "selfie-landscap"), 2, "Did you mean 'selfie-landscape'?"),
    (("--model", "missing.tflite"), 1, "missing.toml"),
    (("--model", "edge-refiner"), 2, "cannot find a person"),
    (("--backend", "litert-gpus"), 2, "Did you mean"),
    (("--backend", "openvino-npu"), 1, "openvino-npu"),
)


def test_what_cannot_be_had_is_told_as_by_run_and_changes_nothing(running):
    changeable = ("background", "model", "backend", "edges", "mirror", "trouble")
    before = {name: status()[name] for name in changeable}
    for options, code, part in REFUSED:
        done = segcam("set", *options)
        assert done.returncode == code, done.stderr
        assert part in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    assert {name: status()[name] for name in changeable} == before


@pytest.mark.parametrize("options", [("--edges", "sharpp"), ("--colour", "red"), ("blur",)])
def test_wrong_use_is_told_before_anybody_is_asked(models, tmp_path, options):
    assert segcam("set", *options).returncode == 2


def test_without_a_run_it_is_kept_for_the_next_time(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path / "config"))
    done = segcam("set", "--background", "color:#00ff00")
    assert done.returncode == 0
    assert "is not running" in done.stderr
    assert "color:#00ff00" in (tmp_path / "config" / "settings.toml").read_text()
    assert segcam("set", "--once", "--background", "none").returncode == 3
