"""What clients may ask to be different, and what becomes of it."""

import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.tiny_tflite import write_segmenter
from support.waiting import until

from segcam.api import client
from segcam.api.preview import Preview as Reader
from segcam.config import Config
from segcam.daemon import background as background_module
from segcam.daemon.engine import Engine
from segcam.daemon.keeper import Keeper
from segcam.daemon.main import answering
from segcam.daemon.report import look
from segcam.errors import (
    BackendFailed,
    DaemonBusy,
    MediaError,
    ModelCorrupt,
    ModelMismatch,
    ModelMissing,
    SegCamError,
    SinkError,
    UsageError,
)
from segcam.pipeline import networks as networks_module
from segcam.pipeline.compositors import make_compositor
from segcam.pipeline.sinks import Destination
from segcam.settings import Settings, parse_background
from segcam.source.pattern import room
from segcam.zoo.library import DEFAULT

SIZE = (90, 160)
GREEN = (145, 54, 34)


def silent(_):
    """Tells nobody."""


@pytest.fixture
def models(tmp_path):
    """Two models that can be loaded, of another size each."""
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


@pytest.fixture
def engine(models, recording_sink):
    settings = Settings(
        camera="pattern",
        size="160x90",
        fps=60,
        background="blur:0",
        model=str(models["small"]),
        backend="null",
        isolate="never",
    )
    with Engine(settings, make_output=lambda _: Destination(recording_sink)) as engine:
        yield engine


@pytest.fixture
def keeper(engine, tmp_path):
    return Keeper(Config(tmp_path / "settings.toml"), {})


def state(engine):
    return look(engine, Keeper(Config(Path("/nowhere/settings.toml")), {}), {})


def shows(yuv, sink, limit_s=5.0):
    seen = len(sink.frames)

    def found(frames):
        return any([int(p[2, 2]) for p in frame.planes] == list(yuv) for frame in frames[seen:])

    return sink.wait_for(found, limit_s)


def shows_room(frame):
    wall, picture = (f.y[:30, :40].astype(float).ravel() for f in (room(SIZE), frame))
    return picture.std() > 1 and np.corrcoef(picture, wall)[0, 1] > 0.5


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


def test_a_model_changes_and_the_rest_stays(engine, models, recording_sink):
    told = []
    engine.change({"background": "color:#00ff00", "mirror": True}, silent)
    engine.change({"model": str(models["large"]), "backend": "litert-cpu"}, told.append)
    now = state(engine)
    assert (now.model, now.backend) == ("tiny", "litert-cpu")
    assert engine.pipeline.segmenter.matte_size == (72, 128)
    assert (now.background, now.edges, now.mirror) == ("color:#00ff00", "fast", True)
    assert told[-1] == "Loading tiny on litert-cpu"
    engine.change({"backend": "null"}, silent)
    assert state(engine).backend == "null"
    assert engine.pipeline.segmenter.matte_size == (72, 128), "the model is the one of before"
    assert shows(GREEN, recording_sink)


def test_edges_change_alone_or_with_the_model(engine, recording_sink):
    segmenter, told = engine.pipeline.segmenter, []
    engine.change({"edges": "sharp"}, told.append)
    assert state(engine).edges == "sharp"
    assert engine.pipeline.segmenter is segmenter
    engine.change({"edges": "fast", "backend": "litert-cpu"}, told.append)
    assert state(engine).edges == "fast"
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert engine.pipeline.trouble is None


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


@pytest.mark.models
def test_edges_are_sharp_by_themselves_where_the_room_is_replaced(engine):
    engine.change({"edges": "auto"}, silent)
    steps = [
        ({"background": "color:#00ff00"}, "fast", "without the default model"),
        ({"model": DEFAULT, "backend": "litert-cpu"}, "sharp", "with it"),
        ({"background": "blur"}, "fast", "a blurred room"),
        ({"background": "color:#0000ff", "mirror": True}, "sharp", "another one"),
        ({"background": "none"}, "fast", "no room to hide"),
        ({"edges": "sharp"}, "sharp", "asked for"),
        ({"background": "blur"}, "sharp", "still asked for"),
        ({"edges": "auto"}, "fast", "no more"),
    ]
    for change, edges, why in steps:
        engine.change(change, silent)
        assert state(engine).edges == edges, why


def missing_card(models):
    models["large"].with_suffix(".toml").unlink()


def missing_file(models):
    models["large"].unlink()


def tampered(models):
    models["large"].write_bytes(b"something else")


def wrong_shape(models):
    """The card promises what the file does not hold."""
    card = models["large"].with_suffix(".toml")
    card.write_text(card.read_text().replace("72, 128", "72, 120"))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (missing_card, ModelMissing),
        (missing_file, ModelMissing),
        (tampered, ModelCorrupt),
        (wrong_shape, ModelMismatch),
    ],
)
def test_a_model_that_cannot_be_loaded_changes_nothing(
    engine, models, recording_sink, spoil, error
):
    before, segmenter = engine.requested, engine.pipeline.segmenter
    spoil(models)
    with pytest.raises(error) as caught:
        engine.change({"model": str(models["large"]), "backend": "litert-cpu"}, silent)
    assert caught.value.hint or error is ModelMismatch
    assert (engine.requested, engine.pipeline.segmenter) == (before, segmenter)
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert engine.pipeline.trouble is None


@pytest.mark.parametrize(
    ("change", "error", "part"),
    [
        ({}, UsageError, "nothing to change"),
        ({"background": "blurr"}, UsageError, "Did you mean 'blur'?"),
        ({"background": "image:/nowhere/beach.jpg"}, MediaError, "/nowhere/beach.jpg"),
        ({"background": "video:/nowhere/waves.mp4"}, MediaError, "/nowhere/waves.mp4"),
        ({"model": "selfie-landscap"}, UsageError, "Did you mean 'selfie-landscape'?"),
        ({"model": "edge-refiner"}, UsageError, "finds nobody"),
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


def test_a_background_does_not_wait_for_a_model_and_a_second_model_is_refused(
    engine, models, recording_sink, monkeypatch
):
    loading, go_on, errors = threading.Event(), threading.Event(), []

    def load_slowly(*arguments, **options):
        loading.set()
        assert go_on.wait(10)
        raise BackendFailed("told to fail", "now", "Wait")

    monkeypatch.setattr(networks_module, "load_networks", load_slowly)

    def change():
        try:
            engine.change({"background": "blur:9", "model": str(models["large"])}, silent)
        except SegCamError as error:
            errors.append(error)

    thread = threading.Thread(target=change)
    thread.start()
    assert loading.wait(5)
    assert state(engine).background == "blur:9", "the background is first"
    with pytest.raises(DaemonBusy):
        engine.change({"background": "none", "edges": "sharp"}, silent)
    assert state(engine).background == "blur:9", "all or nothing of it"
    engine.change({"background": "color:#00ff00"}, silent)
    assert shows(GREEN, recording_sink)
    go_on.set()
    thread.join(10)
    assert "told to fail" in str(errors[0])
    assert state(engine).background == "color:#00ff00"
    monkeypatch.undo()
    engine.change({"model": str(models["large"])}, silent)


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
            assert go_on.wait(10)
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
    assert reading.wait(10)
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert not any(map(shows_room, recording_sink.frames[seen:]))
    go_on.set()
    thread.join(10)
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
