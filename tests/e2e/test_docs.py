"""Every command in the docs runs as it is written, or a comment says why it cannot."""

import os
import re
import signal
import subprocess
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.clips import write_clip
from support.processes import SEGCAM
from support.waiting import wait_until

from segcam.zoo.library import DEFAULT, find, models_directory

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```", re.S
)
LIMIT_S = 120
SETTINGS = """
camera = "demo"
size = "320x180"
output = "null"
backend = "null"
edges = "fast"
isolate = "never"
"""
FOREGROUND = re.compile(r"segcam( run\b.*| watch| --(?!help|version|completion).*|)")
"""Commands that run until Ctrl-C."""


def blocks(page):
    """Shell blocks of a page: why it is not run, or "", and its text."""
    for found in BLOCK.finditer(page.read_text()):
        if found["kind"] in ("sh", "bash", "shell", "console"):
            yield found["why"] or "", found["text"]


def commands(text):
    """The text that a reader would type: without comments, continued lines joined."""
    for line in text.replace("\\\n", " ").splitlines():
        command = re.sub(r"(^|\s)#(\s.*|$)", "", line).strip()
        if command:
            yield command


def runnable(page):
    return [command for why, text in blocks(page) if not why for command in commands(text)]


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.fixture
def desk(tmp_path):
    """A reader's home, with the files that the docs speak of, and settings that need no camera."""
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
    picture = np.random.default_rng(0).integers(0, 255, (180, 320, 3), np.uint8)
    (tmp_path / "photos").mkdir()
    for name in ("beach.jpg", "photos/one.jpg", "photos/two.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    for name in ("waves.mp4", "talk.mp4"):
        frames = (av.VideoFrame.from_ndarray(picture, "bgr24") for _ in range(3))
        write_clip(tmp_path / name, (frame.reformat(format="yuv420p") for frame in frames))
    (tmp_path / ".config" / "segcam").mkdir(parents=True)
    (tmp_path / ".config" / "segcam" / "settings.toml").write_text(SETTINGS)
    (tmp_path / "run").mkdir(mode=0o700)
    yield tmp_path
    follow("segcam stop", tmp_path)


def environment(desk):
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return kept | {
        "HOME": str(desk),
        "XDG_RUNTIME_DIR": str(desk / "run"),
        "SEGCAM_MODELS": str(models_directory()),
        "PATH": f"{SEGCAM.parent}:{os.environ['PATH']}",
        "MAKEFLAGS": "n",  # make tells what it would do: what it does is tested elsewhere
        "NO_COLOR": "1",
    }


def follow(command, desk):
    """Type a command; end with Ctrl-C what runs until then. The exit status, and what was told."""
    told = desk / "told.txt"
    with (
        told.open("wb") as out,
        subprocess.Popen(
            ["bash", "-c", command],
            cwd=ROOT if command.startswith("make ") else desk,
            env=environment(desk),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        if FOREGROUND.fullmatch(command):
            wait_until(lambda: told.stat().st_size or process.poll() is not None, command)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        try:
            return process.wait(LIMIT_S), told.read_text()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=name_of)
def test_every_command_runs_as_it_is_written(page, desk):
    for command in runnable(page):
        status, told = follow(command, desk)
        assert status in ((0, 130) if FOREGROUND.fullmatch(command) else (0,)), f"{command}\n{told}"
        assert "Traceback" not in told, told


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_command_is_hidden_from_these_tests_in_an_indented_block(page):
    prose = BLOCK.sub("", page.read_text())
    assert re.findall(r"^ {4,}(?:segcam|make|sudo|pipx?) .*", prose, re.MULTILINE) == []


def test_the_docs_have_commands_to_run():
    assert sum(len(runnable(page)) for page in PAGES) > 30


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_run_says_why_and_is_a_command_all_the_same(page):
    """Options that no longer exist are found in blocks that are not run, too."""
    for why, text in blocks(page):
        for command in commands(text) if why else ():
            assert len(why.split()) >= 2, f"{command}: why is it not run?"
            if command.startswith("segcam "):
                done = subprocess.run(
                    [SEGCAM, *command.split()[1:], "--help"], capture_output=True, check=False
                )
                assert done.returncode == 0, command
