"""Recorded and rendered files are never lost."""

import os
import signal
import subprocess
import sys
import time

import av
import pytest
from support.processes import SEGCAM, read_until
from support.sounds import Tone, listen, make_clip
from support.waiting import wait_until

from segcam.zoo.library import cards, find

pytestmark = pytest.mark.models

PATTERN = ("run", "--camera", "pattern", "--size", "320x180")
SLOW = """
import sys, time
from segcam.sink.file import FileSink
close = FileSink.close
def close_slowly(self):
    time.sleep(5 if self.unfinished else 0)
    close(self)
FileSink.close = close_slowly
from segcam.cli.main import main
main()
"""
"""segcam with an encoder that needs longer for the end than anything else is waited for."""


@pytest.fixture(autouse=True)
def models():
    missing = [name for name in cards() if not find(name)[1].exists()]
    if missing:
        pytest.skip(f"models not downloaded: {', '.join(missing)}; run: segcam models get NAME")


def start(*arguments, cwd, slow=False):
    program = [sys.executable, "-c", SLOW] if slow else [str(SEGCAM)]
    return subprocess.Popen(
        [*program, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments, cwd, code=0, slow=False):
    with start(*arguments, cwd=cwd, slow=slow) as process:
        _, said = process.communicate(timeout=180)
    assert process.returncode == code, said
    assert "Traceback" not in said
    return " ".join(said.split())


def frames(path):
    with av.open(str(path)) as video:
        return len(list(video.decode(video=0)))


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def recording(path):
    """Whether the recording is under way, with its first second on the disk."""
    return path.exists() and path.stat().st_size > 1000


def test_a_slow_encoder_is_waited_for_before_success_is_told(tmp_path):
    said = run(*PATTERN, "--duration", "2", "--output", "file:out.mp4", cwd=tmp_path, slow=True)
    assert said.index("Finishing") < said.index("Sent")
    assert frames(tmp_path / "out.mp4")
    assert names(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize(
    "signals",
    [
        [signal.SIGINT, signal.SIGINT],
        [signal.SIGHUP, signal.SIGINT],
        [signal.SIGTERM, signal.SIGHUP, signal.SIGINT],
    ],
    ids=lambda signals: "-".join(each.name for each in signals),
)
@pytest.mark.parametrize("output", ["file:out.mp4", "null,file:out.mp4"])
def test_a_second_signal_does_not_lose_the_file(tmp_path, signals, output):
    with start(*PATTERN, "--output", output, cwd=tmp_path, slow=True) as process:
        wait_until(lambda: recording(tmp_path / "out.mp4"), "the recording")
        for number in signals:
            process.send_signal(number)
            time.sleep(0.1)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "Sent" in said
    assert frames(tmp_path / "out.mp4")
    assert names(tmp_path) == ["out.mp4"]


def test_whoever_does_not_want_to_wait_is_told_what_is_lost(tmp_path):
    with start(*PATTERN, "--output", "file:out.mp4", cwd=tmp_path, slow=True) as process:
        wait_until(lambda: recording(tmp_path / "out.mp4"), "the recording")
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "out.mp4 was not finished" in said
    assert "Sent" not in said
    assert frames(tmp_path / "out.mp4")
    assert names(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm", "avi"])
def test_a_killed_recording_is_found_and_played(tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    with start(*PATTERN, "--output", f"file:{path.name}", cwd=tmp_path) as process:
        wait_until(lambda: recording(path), "the recording")
        time.sleep(2)
        process.kill()
    assert frames(path)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("output", ["file:out.mp4", "null,file:out.mp4"])
def test_a_recording_that_meets_the_largest_file_size_is_kept_and_told(tmp_path, output):
    command = f'ulimit -f 700; exec "{SEGCAM}" run --camera demo --output {output}'
    with subprocess.Popen(
        ["bash", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        said = read_until(process, "out.mp4 cannot be written", 180)
        if output.startswith("null"):  # which goes on
            process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=120)[1]
    assert process.returncode == 1, said
    assert f"Error: {tmp_path}/out.mp4 cannot be written" in said
    assert "Sent" not in said
    assert frames(tmp_path / "out.mp4")
    assert names(tmp_path) == ["out.mp4"]


@pytest.fixture
def clip(tmp_path):
    return make_clip(tmp_path / "in.mp4", [Tone(seconds=1)])


@pytest.mark.parametrize("way", ["itself", "link", "hard link"])
def test_nothing_that_is_read_is_overwritten(tmp_path, clip, way):
    before, other = clip.read_bytes(), tmp_path / "other.mp4"
    if way == "link":
        other.symlink_to(clip)
    elif way == "hard link":
        other.hardlink_to(clip)
    else:
        other = clip
    film = make_clip(tmp_path / "film.mp4")
    for arguments in (
        ("run", "--camera", clip, "--output", f"file:{other}", "--duration", "1"),
        ("run", "--camera", clip, "--output", f"null,file:{other}", "--duration", "1"),
        (*PATTERN, "--background", f"video:{clip}", "--output", f"file:{other}"),
        ("render", clip, other),
        ("render", film, other, "--background", f"video:{clip}"),
    ):
        assert "would be overwritten" in run(*arguments, cwd=tmp_path, code=2)
    assert clip.read_bytes() == before


def test_two_outputs_are_never_the_same_file(tmp_path):
    (tmp_path / "b.mp4").write_bytes(b"old")
    (tmp_path / "a.mp4").symlink_to("b.mp4")
    said = run(*PATTERN, "--output", "file:a.mp4,file:b.mp4", cwd=tmp_path, code=2)
    assert "would be overwritten" in said


def test_a_clip_that_breaks_off_leaves_the_old_output(tmp_path):
    whole = make_clip(tmp_path / "whole.mkv", [Tone(seconds=5)], pictures=150)
    data = whole.read_bytes()
    (tmp_path / "in.mkv").write_bytes(data[: len(data) // 2])
    (tmp_path / "out.mp4").write_bytes(b"precious")
    said = run("render", "in.mkv", "out.mp4", cwd=tmp_path, code=1)
    assert "ends after" in said
    assert "out.incomplete.mp4" in said
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
    assert frames(tmp_path / "out.incomplete.mp4") > 10
    run("render", "in.mkv", "new.mp4", cwd=tmp_path, code=1)
    assert frames(tmp_path / "new.mp4") > 10


def test_an_output_keeps_its_rights_and_its_link(tmp_path, clip):
    (tmp_path / "real.mp4").write_bytes(b"old")
    (tmp_path / "real.mp4").chmod(0o600)
    (tmp_path / "out.mp4").symlink_to("real.mp4")
    run("render", clip, "out.mp4", cwd=tmp_path)
    assert (tmp_path / "out.mp4").is_symlink()
    assert (tmp_path / "real.mp4").stat().st_mode & 0o777 == 0o600
    assert frames(tmp_path / "real.mp4") == 30


@pytest.mark.parametrize("ending", ["mp4", "m4v", "mov", "mkv", "webm", "avi", "gif"])
def test_render_writes_every_promised_ending(tmp_path, clip, ending):
    run("render", clip, f"out.{ending}", cwd=tmp_path)
    assert frames(tmp_path / f"out.{ending}") == 30
    assert len(listen(tmp_path / f"out.{ending}")) == (ending != "gif")


@pytest.mark.parametrize("command", [("render", "in.mp4", "out.mpg"), (*PATTERN, "--output")])
def test_other_endings_are_refused_before_anything_is_loaded(tmp_path, clip, command):
    if command[0] == "run":
        command = (*command, "file:out.mpg")
    said = run(*command, cwd=tmp_path, code=1)
    for ending in (".mp4", ".mkv", ".mov", ".webm", ".avi", ".gif", ".m4v"):
        assert ending in said
    assert names(tmp_path) == ["in.mp4"]
