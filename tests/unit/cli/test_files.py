"""Rendering files from the command line."""

import os
import signal
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from support.tiny_tflite import write_segmenter

from segcam.cli import files
from segcam.errors import UsageError
from segcam.pipeline import networks
from segcam.sink.rendering import Rendering


@pytest.mark.parametrize("command", [files.render, files.matte])
def test_only_drivers_get_a_process_of_their_own_for_files(command, tmp_path, monkeypatch):
    asked = {}

    def load_networks(settings, tell, isolate):
        asked["isolate"] = isolate
        raise UsageError("that is enough")

    monkeypatch.setattr(networks, "load_networks", load_networks)
    cv2.imwrite(str(tmp_path / "me.png"), np.zeros((8, 8, 3), np.uint8))
    result = CliRunner().invoke(command, [str(tmp_path), str(tmp_path / "out")])
    assert isinstance(result.exception, UsageError)
    assert asked["isolate"] == "devices"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill")
@pytest.mark.parametrize("step", ["publish", "keep"])
def test_ctrl_c_at_the_last_moment_loses_no_file(step, tmp_path, monkeypatch):
    work, last = files._work, getattr(Rendering, step)

    def fail(*arguments):
        work(*arguments)
        raise UsageError("only a part can be kept")

    def interrupted(sink):
        os.kill(os.getpid(), signal.SIGINT)
        return last(sink)

    monkeypatch.setattr(Rendering, step, interrupted)
    if step == "keep":
        monkeypatch.setattr(files, "_work", fail)
    clip = cv2.VideoWriter(
        str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48)
    )
    clip.write(np.zeros((48, 64, 3), np.uint8))
    clip.release()
    write_segmenter(tmp_path / "tiny.tflite")
    paths = [str(tmp_path / name) for name in ("clip.avi", "out.mkv", "tiny.tflite")]
    CliRunner().invoke(
        files.render, [*paths[:2], "--backend", "null", "--edges", "fast", "--model", paths[2]]
    )
    assert (tmp_path / "out.mkv").exists()
