"""Real panels under Xvfb, each in a session of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

import pytest
from support.waiting import LIMIT_S

try:
    from ui.window import Program

    from ui import session as sessions

    MISSING = sessions.missing()
except ImportError as error:
    MISSING = str(error)


@pytest.fixture
def session(monkeypatch):
    if MISSING:
        pytest.skip(f"a desktop session needs {MISSING}")
    with sessions.Session() as session:
        monkeypatch.setenv("XDG_RUNTIME_DIR", session.environment["XDG_RUNTIME_DIR"])
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\n')
        yield session


@pytest.fixture
def run(session):
    """Starts programs of the desktop, which end with the test."""
    started = []

    def start(*command):
        if shutil.which(command[0]) is None and not os.access(command[0], os.X_OK):
            pytest.skip(f"{command[0]} is not installed")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=session.environment, **quiet))

    yield start
    for process in reversed(started):
        process.terminate()
        process.wait(LIMIT_S)


@pytest.fixture
def hidden(session):
    """Starts the program with its icon alone."""
    from segcam.api import client
    from segcam.errors import SegCamError

    started = []

    def start():
        program = Program(session, "--hidden")
        started.append(program)
        return program

    yield start
    for program in started:
        program.end()
    with contextlib.suppress(SegCamError):
        client.stop()
