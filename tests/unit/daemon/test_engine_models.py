"""Another model or other edges while the call goes on, or all as before."""

import pytest
from support.engines import (
    GREEN,
    engine,
    folder,
    models,
    shows,
    silent,
    state,
)

from segcam.errors import (
    ModelCorrupt,
    ModelMismatch,
    ModelMissing,
)
from segcam.zoo.library import DEFAULT, find

__all__ = ["engine", "folder", "models"]


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
    assert told == ["Loading the edge network"]
    assert state(engine).edges == "sharp"
    assert engine.pipeline.segmenter is segmenter
    engine.change({"edges": "fast", "backend": "litert-cpu"}, told.append)
    assert state(engine).edges == "fast"
    seen = len(recording_sink.frames)
    assert recording_sink.wait_for(lambda frames: len(frames) > seen + 10)
    assert engine.pipeline.trouble is None


@pytest.mark.models
@pytest.mark.models
def test_edges_are_sharp_by_themselves_where_the_room_is_replaced(engine):
    if not find(DEFAULT)[1].exists():
        pytest.skip("needs the downloaded model: segcam models get")
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
