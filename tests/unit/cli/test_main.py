"""The command line up to where a model is needed."""

import subprocess
import sys

import pytest

import segcam


def run(*arguments, cwd):
    command = [sys.executable, "-c", "from segcam.cli.main import main; main()", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_version(tmp_path):
    assert run("--version", cwd=tmp_path) == (0, f"segcam {segcam.__version__}\n", "")


@pytest.mark.parametrize("command", ["render", "matte"])
def test_a_path_that_the_system_refuses_is_no_fault_of_segcam(tmp_path, command):
    code, _, told = run(command, "n" * 300 + ".mp4", "out", cwd=tmp_path)
    assert code == 2
    assert "File name too long" in told
    assert "has a bug" not in told


def test_the_input_is_never_overwritten(tmp_path):
    clip = tmp_path / "talk.mp4"
    clip.write_bytes(b"precious")
    code, _, told = run("render", "talk.mp4", "./talk.mp4", cwd=tmp_path)
    assert code == 2
    assert "OUTPUT" in told
    assert clip.read_bytes() == b"precious"


def test_threads_in_native_code_do_not_abort_the_end():
    code = """
import sys, threading
import cv2, numpy as np
from segcam.cli import commands, main

picture = np.zeros((200, 200), np.uint8)

def work():
    while True:
        cv2.blur(picture, (5, 5))

def run():
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    print("done")
    return 3

commands.run = run
sys.argv = ["segcam", "status"]
main.main()
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "done\n", "")
