"""Starts, asks and ends SegCam as a process."""

import os
import subprocess
from contextlib import contextmanager

import numpy as np
import pytest

from segcam.api import client
from segcam.errors import SegCamError
from segcam.zoo.library import DEFAULT, find
from support.processes import SEGCAM, end_all_of
from support.waiting import wait_for

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
    """Folders for one test, with settings that need no camera."""
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
    """The run's trouble, None if there is none or no answer."""
    try:
        return client.status(which).trouble
    except SegCamError:
        return None


def shown(preview, rgb):
    """Whether the newest picture's corner has about this colour."""
    picture = preview.read()
    return picture is not None and np.abs(np.subtract(list(picture[3][:3]), rgb)).max() < 12
