"""An engine that shows the test picture, and its viewer."""

from pathlib import Path

import numpy as np
import pytest

from segcam.config import Config
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.report import look
from segcam.pipeline.sinks import Destination
from segcam.settings import Settings
from segcam.source.pattern import room
from support.tiny_tflite import write_segmenter
from support.waiting import LIMIT_S

SIZE = (90, 160)
GREEN = (145, 54, 34)


def silent(_):
    """Does nothing."""


@pytest.fixture
def models(tmp_path):
    """Two models that can be loaded, with different sizes."""
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()
    return {
        folder.name: folder / write_segmenter(folder / "tiny.tflite", size).file
        for folder, size in ((small, (48, 64)), (large, (72, 128)))
    }


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def settings_of(models):
    """Settings with the smallest picture and a model that finds nobody."""
    return Settings(
        camera="pattern",
        size="160x90",
        fps=60,
        background="blur:0",
        model=str(models["small"]),
        backend="null",
        isolate="never",
    )


@pytest.fixture
def engine(models, recording_sink):
    with Engine(settings_of(models), make_output=lambda _: Destination(recording_sink)) as engine:
        yield engine


@pytest.fixture
def keeper(engine, tmp_path):
    return Keeper(Config(tmp_path / "settings.toml"), {})


def state(engine):
    return look(engine, Keeper(Config(Path("/nowhere/settings.toml")), {}), {})


def shows(yuv, sink, limit_s=LIMIT_S):
    seen = len(sink.frames)

    def found(frames):
        return any([int(p[2, 2]) for p in frame.planes] == list(yuv) for frame in frames[seen:])

    return sink.wait_for(found, limit_s)


def shows_room(frame):
    wall, picture = (f.y[:30, :40].astype(float).ravel() for f in (room(SIZE), frame))
    return picture.std() > 1 and np.corrcoef(picture, wall)[0, 1] > 0.5
