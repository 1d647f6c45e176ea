"""The picture without effect: only for the client that asks, never in the output."""

import subprocess
import sys

import cv2
import numpy as np
from support.engines import (
    SIZE,
    engine,
    folder,
    keeper,
    models,
    shows_room,
    silent,
)
from support.waiting import until

from segcam.api import client
from segcam.api.preview import Preview as Reader
from segcam.daemon.main import answering
from segcam.source.pattern import room

__all__ = ["engine", "folder", "keeper", "models"]


def luma_of(picture):
    """(h, w) float of a preview's picture."""
    _, width, height, rows = picture
    rgb = np.frombuffer(rows, np.uint8).reshape(height, width, 3)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(float)


def shows_wall(picture):
    wall, seen = room(SIZE).y[:30, :40].ravel(), luma_of(picture)[:30, :40].ravel()
    return np.corrcoef(wall, seen)[0, 1] > 0.9


def test_picture_without_effect_reaches_who_asks_and_never_the_output(
    engine, keeper, recording_sink
):
    with answering(engine, keeper, lambda: None):
        assert recording_sink.wait_for(lambda frames: len(frames) > 5)
        with client.watch(raw=True) as watch, Reader(watch.path) as reader:
            assert until(lambda: reader.serial > 3)
            assert shows_wall(reader.read())
            assert client.status().background == "blur:0"
            with client.watch() as usual, Reader(usual.path) as others:
                assert until(lambda: others.serial)
                assert not shows_wall(others.read())
            sent = len(recording_sink.frames)
            assert recording_sink.wait_for(lambda frames: len(frames) > sent + 20)
        assert until(lambda: not engine.raw_preview.watched)
    assert not any(map(shows_room, recording_sink.frames))


def test_picture_without_effect_ends_with_a_client_that_dies(engine, keeper):
    asks = "from segcam.api import client; client.watch(raw=True); print(1, flush=True); input()"
    with answering(engine, keeper, lambda: None):
        command = [sys.executable, "-c", asks]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            assert engine.raw_preview.watched
            process.kill()
        assert until(lambda: not engine.raw_preview.watched)


def test_picture_without_effect_switches_no_camera_on(engine, keeper, recording_sink):
    recording_sink.used = False
    engine.change({"linger": 0}, silent)
    assert until(lambda: not engine.pipeline.source_is_open)
    with (
        answering(engine, keeper, lambda: None),
        client.watch(raw=True) as watch,
        Reader(watch.path) as reader,
    ):
        assert not until(lambda: engine.pipeline.source_is_open or reader.serial, 1.0)
