"""The start: viewers see a placeholder first, and a service waits for what is missing."""

import gc
import subprocess
import sys
import weakref
from fractions import Fraction

import pytest
from support.changing import RATE_HZ, SIZE, MindfulRefiner, ThreadedSegmenter, pictures, shows_room
from support.waiting import until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import CameraBusy, CameraLost, CameraNotFound, MediaError, ModelMissing
from segcam.pipeline.assemble import assemble
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.sinks import Destination
from segcam.settings import Settings
from segcam.source.base import SourceInfo
from segcam.source.late import LateSource
from segcam.source.pattern import Pattern

EXPECTED = SourceInfo("webcam", SIZE, RATE_HZ, live=True)


class Missing:
    """Finds something once it is there."""

    def __init__(self, found, error):
        self.found, self.error = found, error
        self.is_there = False
        self.asked = 0

    def __call__(self):
        self.asked += 1
        if not self.is_there:
            raise self.error
        return self.found


@pytest.fixture
def build(recording_sink):
    def make(source, **changes):
        parts = {
            "segmenters": [ThreadedSegmenter()],
            "refiner": MindfulRefiner(),
            "compositor": RoomHidden(Color((145, 54, 34))),
            "sink": recording_sink,
            "expected": EXPECTED,
            **changes,
        }
        return Pipeline(source, **parts)

    return make


def pictures_come(sink):
    return sink.wait_for(pictures)


def test_viewers_see_a_placeholder_before_the_camera_is_opened(build, recording_sink):
    shown = []

    def find():
        shown.extend(recording_sink.frames)
        return Pattern(SIZE, RATE_HZ)

    with build(LateSource(find)):
        assert pictures_come(recording_sink)
    assert shown
    assert all(frame.is_placeholder for frame in shown)


def test_a_camera_that_viewers_see_keeps_its_size_whatever_the_source_delivers(
    build, recording_sink
):
    opened = []
    open_sink = recording_sink.open
    recording_sink.open = lambda *given: (opened.append(given), open_sink(*given))
    pipeline = build(Pattern((120, 160), Fraction(60)))
    with pipeline as info:
        assert info.size == (120, 160)
        assert pictures_come(recording_sink)
    assert opened == [(SIZE, RATE_HZ)]
    assert {frame.size for frame in recording_sink.frames} == {SIZE}


def test_a_file_has_the_size_that_the_source_delivers(build, recording_sink):
    recording_sink.is_camera = False
    with build(Pattern((120, 160), Fraction(60))):
        assert pictures_come(recording_sink)
    assert recording_sink.size == (120, 160)


def test_without_a_camera_a_service_shows_a_placeholder_and_takes_the_one_that_comes(
    build, recording_sink
):
    find = Missing(Pattern(SIZE, RATE_HZ), CameraNotFound("no camera"))
    pipeline = build(LateSource(find), lasting=True)
    with pipeline as info:
        assert info == EXPECTED
        assert isinstance(pipeline.trouble, CameraLost)
        assert pipeline.trouble.title == "no camera"
        assert recording_sink.wait_for(bool)
        assert until(lambda: find.asked > 2), "it looks again"
        find.is_there = True
        assert pictures_come(recording_sink)
        assert until(lambda: pipeline.trouble is None)
        assert pipeline.source_info.name == "pattern"


def test_a_camera_that_comes_is_known_though_nobody_watches(build, recording_sink):
    recording_sink.used = False
    find = Missing(Pattern(SIZE, RATE_HZ), CameraNotFound("no camera"))
    pipeline = build(LateSource(find), lasting=True)
    with pipeline:
        find.is_there = True
        assert until(lambda: pipeline.source_info.name == "pattern")
        assert until(lambda: not pipeline.source_is_open), "and is not left on"


def test_another_camera_is_taken_while_the_first_is_missing(build, recording_sink):
    find = Missing(None, CameraNotFound("no camera"))
    pipeline = build(LateSource(find), lasting=True)
    with pipeline:
        pipeline.change_source(Pattern(SIZE, RATE_HZ))
        assert pictures_come(recording_sink)
        assert until(lambda: pipeline.trouble is None)


def test_without_a_model_a_service_shows_a_placeholder_until_there_is_one(
    build, recording_sink, monkeypatch
):
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 0.1)
    loaded = [ThreadedSegmenter()], MindfulRefiner()
    find = Missing(loaded, ModelMissing("no network"))
    pipeline = build(Pattern(SIZE, RATE_HZ), load=find, lasting=True)
    with pipeline:
        assert isinstance(pipeline.trouble, ModelMissing)
        assert pipeline.segmenter is None
        assert until(lambda: find.asked > 2), "it looks again"
        assert all(frame.is_placeholder for frame in list(recording_sink.frames))
        find.is_there = True
        assert pictures_come(recording_sink)
        assert until(lambda: pipeline.trouble is None)
        assert pipeline.segmenter is loaded[0][0]


@pytest.mark.parametrize("error", [CameraNotFound("no camera"), CameraBusy("elsewhere")])
def test_a_run_by_hand_ends_without_a_camera(build, error):
    find = Missing(None, error)
    with pytest.raises(type(error)):
        build(LateSource(find), expected=None).start()


def test_a_run_by_hand_ends_without_a_model(build):
    find = Missing(None, ModelMissing("no network"))
    with pytest.raises(ModelMissing):
        build(Pattern(SIZE, RATE_HZ), load=find).start()


def test_without_its_background_a_service_blurs_the_room_and_says_why(recording_sink, tmp_path):
    settings = Settings(background=f"image:{tmp_path}/lost.png", isolate="never", backend="null")
    assembled = assemble(
        settings,
        source=Pattern(SIZE, RATE_HZ),
        destination=Destination(recording_sink),
        lasting=True,
    )
    with assembled.pipeline as info:
        assert info.size == SIZE
        assert isinstance(assembled.pipeline.trouble, MediaError)
        assert pictures_come(recording_sink)
        assert not any(map(shows_room, recording_sink.frames))


def test_an_assembled_pipeline_frees_its_memory_at_once(recording_sink):
    gc.disable()
    try:
        assembled = assemble(
            Settings(isolate="never", backend="null"),
            source=Pattern(SIZE, RATE_HZ),
            destination=Destination(recording_sink),
        )
        with assembled.pipeline as info:
            assert info.size == SIZE
        pool = weakref.ref(assembled.pipeline.pool)
        del assembled
        assert pool() is None
    finally:
        gc.enable()


def test_a_run_by_hand_ends_without_its_background(recording_sink, tmp_path):
    settings = Settings(background=f"image:{tmp_path}/lost.png")
    with pytest.raises(MediaError):
        assemble(settings, source=Pattern(SIZE, RATE_HZ), destination=Destination(recording_sink))


def test_the_first_placeholder_waits_for_no_import_that_it_does_not_need():
    code = """
import sys
import segcam.cli.live, segcam.daemon.main, segcam.daemon.engine, segcam.daemon.keeper
from segcam.pipeline.assemble import assemble
from segcam.settings import Settings
assemble(Settings(camera="demo", output="pipewire,null"))
later = "av", "jeepney", "multiprocessing", "onnxruntime", "plistlib", "rich", "tomlkit"
later += ("segcam.pipeline.networks",)
sys.exit(", ".join(name for name in later if name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == ""
