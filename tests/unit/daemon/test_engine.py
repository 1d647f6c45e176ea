"""Changes that clients may request, and their results."""

import shutil
import threading
from contextlib import suppress

import cv2
import numpy as np
import pytest
from support.engines import (
    GREEN,
    engine,
    folder,
    keeper,
    models,
    shows,
    shows_room,
    silent,
    state,
)
from support.waiting import LIMIT_S

from segcam.api import client
from segcam.daemon import background as background_module
from segcam.daemon.engine import Engine
from segcam.daemon.main import answering
from segcam.errors import (
    BackendFailed,
    DaemonBusy,
    MediaError,
    SinkError,
    UsageError,
)
from segcam.pipeline import networks as networks_module
from segcam.pipeline.compositors import make_compositor
from segcam.pipeline.sinks import Destination
from segcam.settings import Settings, parse_background

__all__ = ["engine", "folder", "keeper", "models"]


def test_a_background_changes_and_the_status_with_it(engine, recording_sink):
    engine.change({"background": "color:#00ff00"}, silent)
    assert shows(GREEN, recording_sink)
    assert state(engine).background == "color:#00ff00"


def test_a_start_with_the_camera_off_shows_the_placeholder_until_it_is_on(models, recording_sink):
    settings = Settings(
        camera="pattern",
        size="160x90",
        model=str(models["small"]),
        backend="null",
        isolate="never",
        start_paused=True,
    )
    with Engine(settings, make_output=lambda _: Destination(recording_sink)) as engine:
        assert engine.paused
        assert recording_sink.wait_for(lambda frames: len(frames) > 2)
        assert all(frame.is_placeholder for frame in recording_sink.frames)
        assert not engine.pipeline.source_is_open
        engine.resume()
        assert recording_sink.wait_for(lambda frames: not frames[-1].is_placeholder)


def test_how_it_starts_next_changes_nothing_now(engine):
    engine.change({"start_paused": True}, silent)
    assert not engine.paused
    assert engine.requested.start_paused


def test_only_the_word_none_shows_the_room(engine, recording_sink):
    for text in ("", "None", "no", "NoEffect", "off"):
        with pytest.raises(UsageError):
            engine.change({"background": text}, silent)
    assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    assert not any(map(shows_room, recording_sink.frames))
    engine.change({"background": "none"}, silent)
    assert recording_sink.wait_for(lambda frames: shows_room(frames[-1]))
    assert state(engine).background == "none"


def test_the_room_can_be_hidden_where_sharp_edges_cannot_be_had_any_more(
    engine, recording_sink, monkeypatch
):
    engine.change({"background": "none", "edges": "sharp"}, silent)

    def refuse(*_, **__):
        raise BackendFailed("told to fail", "now", "Wait")

    monkeypatch.setattr(networks_module, "make_refiner", refuse)
    with suppress(BackendFailed):
        engine.change({"background": "color:#00ff00"}, silent)
    assert state(engine).background == "color:#00ff00"
    assert shows(GREEN, recording_sink)


@pytest.mark.parametrize(
    ("change", "error", "part"),
    [
        ({}, UsageError, "nothing to change"),
        ({"background": "blurr"}, UsageError, "Did you mean 'blur'?"),
        ({"background": "image:/nowhere/beach.jpg"}, MediaError, "/nowhere/beach.jpg"),
        ({"background": "video:/nowhere/waves.mp4"}, MediaError, "/nowhere/waves.mp4"),
        ({"model": "selfie-landscap"}, UsageError, "Did you mean 'selfie-landscape'?"),
        ({"model": "edge-refiner"}, UsageError, "cannot find a person"),
        ({"backend": "onnxruntime-cpuu"}, UsageError, "Did you mean"),
        ({"edges": "sharpp"}, UsageError, "Did you mean 'sharp'?"),
    ],
)
def test_what_cannot_be_had_is_refused_as_by_run_and_nothing_changes(
    engine, recording_sink, change, error, part
):
    before = engine.requested
    with pytest.raises(error) as caught:
        engine.change(change, silent)
    assert part in str(caught.value)
    if "background" not in change and change:
        with pytest.raises(error):
            engine.change({**change, "background": "none"}, silent)
    assert engine.requested == before
    assert not any(map(shows_room, recording_sink.frames))


def test_where_an_output_hangs_the_status_tells_what_holds(engine, monkeypatch):
    def hang(**_):
        raise SinkError("An output hangs")

    monkeypatch.setattr(engine.pipeline, "change", hang)
    with pytest.raises(SinkError):
        engine.change({"background": "blur:9"}, silent)
    assert state(engine).background == "blur:9"


def test_a_picture_replaces_the_room(engine, tmp_path, recording_sink):
    picture = tmp_path / "green.png"
    assert cv2.imwrite(str(picture), np.full((40, 40, 3), (0, 255, 0), np.uint8))
    engine.change({"background": f"image:{picture}"}, silent)
    assert shows(GREEN, recording_sink)
    shutil.rmtree(tmp_path / "small")
    engine.change({"background": "blur"}, silent)  # needs no model


@pytest.mark.parametrize("fails", [False, True])
def test_the_room_is_hidden_while_a_picture_is_read(engine, recording_sink, monkeypatch, fails):
    reading, go_on = threading.Event(), threading.Event()
    make = background_module.make_compositor

    def make_slowly(settings, size=None):
        if settings.background.startswith("image:"):
            reading.set()
            assert go_on.wait(LIMIT_S)
            if fails:
                raise MediaError("told to fail")
            return make(settings.replace_with({"background": "color:#00ff00"}))
        return make(settings)

    engine.change({"background": "none"}, silent)
    assert recording_sink.wait_for(lambda frames: shows_room(frames[-1]))
    monkeypatch.setattr(background_module, "make_compositor", make_slowly)

    def change():
        with suppress(MediaError):
            engine.change({"background": "image:/large.png"}, silent)

    thread = threading.Thread(target=change)
    thread.start()
    assert reading.wait(LIMIT_S)
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert not any(map(shows_room, recording_sink.frames[seen:]))
    go_on.set()
    thread.join(LIMIT_S)
    if fails:  # as it was before
        assert recording_sink.wait_for(lambda frames: shows_room(frames[-1]))
    else:
        assert shows(GREEN, recording_sink)


def test_clients_ask_for_it_over_the_socket(engine, keeper, recording_sink):
    told = []
    with answering(engine, keeper, lambda: None):
        now = client.change({"background": "color:#00ff00", "backend": "null"}, True, told.append)
        assert (now.background, now.backend) == ("color:#00ff00", "null")
        assert client.status().background == "color:#00ff00"
        assert told == ["Choosing the processor", "Loading tiny on null"]
        with pytest.raises(UsageError, match="blurr"):
            client.change({"background": "blurr"})
        with pytest.raises(UsageError, match="nothing to change"):
            client.change({})
    assert shows(GREEN, recording_sink)


def test_many_clients_at_once_agree_with_the_picture_in_the_end(engine, recording_sink):
    colours = [f"color:#00{level:02x}00" for level in range(0, 256, 32)]

    def change(turn):
        for count in range(20):
            with suppress(DaemonBusy):
                background = colours[(turn + count) % len(colours)]
                engine.change({"background": background, "mirror": bool(count % 2)}, silent)

    threads = [threading.Thread(target=change, args=(turn,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wanted = make_compositor(parse_background(engine.requested.background))
    expected = wanted.background._yuv
    assert shows(expected, recording_sink)
    assert engine.pipeline._current.look.mirror == engine.requested.mirror
