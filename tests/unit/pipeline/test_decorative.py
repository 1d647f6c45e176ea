"""No background ends or blocks a call, whatever becomes of its file."""

import os
import shutil
import threading
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.changing import GREEN, SIZE, build, comes, is_plain, pictures, shows_room
from support.processes import open_files
from support.waiting import until

from segcam.composite import player
from segcam.composite.background import Color, Video
from segcam.composite.compositor import RoomHidden
from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.media import create_media
from segcam.pipeline.compositors import make_compositor
from segcam.settings import Blur, Picture
from segcam.settings import Video as ChosenVideo
from segcam.sink.file import FileSink

__all__ = ["build"]
linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux alone tells")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Troubles that take seconds for people take less here."""
    monkeypatch.setattr(player, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(player, "HELD_S", 0.5)
    monkeypatch.setattr(player, "STALL_S", 0.3)


@pytest.fixture
def players():
    """The threads that play backgrounds, those of other tests left out."""
    before = set(threading.enumerate())

    def found():
        living = set(threading.enumerate()) - before
        return [thread for thread in living if thread.name == "segcam-background"]

    return found


def make_clip(path, seconds=1.0, size=SIZE):
    """A clip whose pictures are of one colour, not that of any other background here."""
    sink = FileSink(path)
    sink.open(size, Fraction(30))
    for index in range(round(30 * seconds)):
        frame = Frame.filled(size, (200, 90, 90))
        frame.stamp(index, index * 33_333_333)
        sink.send(frame)
    sink.close()
    return path


def is_video(frame):
    return abs(int(frame.y[2, 2]) - 200) < 6


def overwrite(path):
    path.write_bytes(os.urandom(path.stat().st_size))


def cut(path):
    os.truncate(path, path.stat().st_size // 3)


def replace_by_a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [Path.unlink, overwrite, cut, lambda path: os.truncate(path, 0), replace_by_a_folder]
)
def test_a_background_video_that_is_spoilt_neither_ends_nor_blocks_the_call(
    build, recording_sink, tmp_path, spoil
):
    path = make_clip(tmp_path / "behind.mp4")
    pipeline = build(compositor=make_compositor(ChosenVideo(path), SIZE))
    with pipeline:
        assert comes(recording_sink, is_video)
        spoil(path)
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: len(frames) > seen + 300, 30), "it goes on"
        assert pipeline.stats.snapshot()["hidden"] == 0
        pipeline.change(compositor=RoomHidden(Color(GREEN)))
        assert comes(recording_sink, is_plain(GREEN))
        assert pipeline.trouble is None
    assert not any(map(shows_room, pictures(recording_sink.frames)))


def test_one_that_is_deleted_is_replaced_by_blur_with_the_reason_and_comes_back(
    build, recording_sink, tmp_path
):
    path = make_clip(tmp_path / "behind.mp4")
    copy = shutil.copy(path, tmp_path / "copy.mp4")
    pipeline = build(compositor=make_compositor(ChosenVideo(path), SIZE))
    with pipeline:
        assert comes(recording_sink, is_video)
        path.unlink()
        assert until(lambda: isinstance(pipeline.trouble, MediaError))
        assert str(path) in str(pipeline.trouble)
        assert comes(recording_sink, lambda frame: not is_video(frame))
        shutil.copy(copy, path)
        assert comes(recording_sink, is_video)
        assert until(lambda: pipeline.trouble is None)


@pytest.mark.slow
def test_a_clip_whose_last_picture_is_held_goes_round(build, recording_sink, tmp_path):
    path = tmp_path / "hold.gif"
    with create_media(path) as container:
        stream = container.add_stream("gif", rate=10)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "rgb8"
        for pts in (0, 1, 2, 50):  # the last one comes late
            picture = av.VideoFrame.from_ndarray(
                np.full((*SIZE, 3), 200, np.uint8), format="rgb24"
            ).reformat(format="rgb8")
            picture.pts, picture.time_base = pts, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    pipeline = build(compositor=make_compositor(ChosenVideo(path), SIZE))
    with pipeline:
        seen = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: len(frames) > seen + 800, 60)
        assert not any(worker.error for worker in pipeline._line.crew.workers)


class Stalling:
    """A source whose read comes back when it is told to."""

    def __init__(self, release):
        self._release, self._count = release, 0

    def read(self, out):
        self._count += 1
        if self._count > 3:
            self._release.wait(60)
        out.resize(SIZE)
        out.fill((200, 90, 90))
        out.stamp(self._count, self._count * 10_000_000)
        return True

    def close(self):
        pass


def test_storage_that_stalls_neither_blocks_the_call_nor_a_change(
    build, recording_sink, monkeypatch
):
    monkeypatch.setattr(player, "CLOSE_S", 0.1)
    release = threading.Event()
    pipeline = build(compositor=RoomHidden(Video(lambda _: Stalling(release), SIZE)))
    with pipeline:
        assert comes(recording_sink, is_video)
        assert until(lambda: "did not respond" in str(pipeline.trouble))
        assert comes(recording_sink, lambda frame: not is_video(frame)), "blur in its place"
        pipeline.change(compositor=RoomHidden(Color(GREEN)))
        assert comes(recording_sink, is_plain(GREEN))
    release.set()


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@linux
@pytest.mark.slow
def test_of_a_large_picture_only_what_is_shown_is_kept(build, recording_sink, tmp_path):
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), np.full((6000, 8000, 3), 214, np.uint8))
    before_mb = resident_mb()
    pipeline = build(compositor=make_compositor(Picture(path), SIZE))
    with pipeline:
        assert comes(recording_sink, is_video)
        assert resident_mb() < before_mb + 40, "decoded it has 72, as YUV"


@linux
@pytest.mark.slow
def test_switching_two_hundred_times_leaves_files_threads_and_memory_flat(
    build, recording_sink, tmp_path
):
    clips = [make_clip(tmp_path / f"{name}.mp4", 0.5, (360, 640)) for name in "ab"]
    picture = tmp_path / "picture.png"
    cv2.imwrite(str(picture), np.full((600, 800, 3), 200, np.uint8))
    backgrounds = [ChosenVideo(clips[0]), Picture(picture), ChosenVideo(clips[1]), Blur(50)]
    recording_sink.send = lambda frame: None
    pipeline = build(compositor=make_compositor(Blur(50), SIZE))
    held = []
    with pipeline:
        for turn in range(250):
            chosen = backgrounds[turn % len(backgrounds)]
            pipeline.change(compositor=make_compositor(chosen, SIZE))
            if turn in (50, 249):
                pipeline.change(compositor=make_compositor(Blur(50), SIZE))
                held.append((open_files(), threading.active_count(), resident_mb()))
    (first_files, first_threads, first_mb), (last_files, last_threads, last_mb) = held
    assert last_files <= first_files
    assert last_threads <= first_threads
    assert last_mb < first_mb + 25


@linux
@pytest.mark.slow
def test_large_films_that_are_replaced_are_closed(build, recording_sink, tmp_path, players):
    film = make_clip(tmp_path / "film.mp4", 0.2, (2160, 3840))
    recording_sink.send = lambda frame: None
    pipeline = build(compositor=make_compositor(Blur(50), SIZE))
    held = []
    with pipeline:
        for turn in range(13):
            pipeline.change(compositor=make_compositor(ChosenVideo(film), SIZE))
            if turn in (4, 12):
                pipeline.change(compositor=make_compositor(Blur(50), SIZE))
                assert until(lambda: not players())
                held.append((open_files(), resident_mb()))
    (first_files, first_mb), (last_files, last_mb) = held
    assert last_files <= first_files
    assert last_mb < first_mb + 120, "one film holds more"


def test_a_stopped_pipeline_has_closed_its_background(build, recording_sink, tmp_path, players):
    path = make_clip(tmp_path / "behind.mp4")
    pipeline = build(compositor=make_compositor(ChosenVideo(path), SIZE))
    with pipeline:
        assert comes(recording_sink, is_video)
        assert players()
    assert until(lambda: not players())
