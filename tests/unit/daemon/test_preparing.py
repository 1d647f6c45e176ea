"""The library's pictures are prepared for the size that the camera has now."""

from types import SimpleNamespace

import pytest

from segcam.daemon import requests
from segcam.daemon.requests import CALM_S, Desk


@pytest.fixture
def started(monkeypatch):
    """What is asked of the preparer: sizes, with the time to wait before."""
    calls = []
    preparer = SimpleNamespace(start=lambda size, after_s=0.0: calls.append((size, after_s)))
    monkeypatch.setattr(requests, "Preparer", lambda: preparer)
    return calls


def engine_of(size, target=(720, 1280)):
    pipeline = SimpleNamespace(
        source_info=SimpleNamespace(size=size), target=SimpleNamespace(size=target)
    )
    return SimpleNamespace(
        pipeline=pipeline, assembled=SimpleNamespace(pipeline=pipeline), starting=False
    )


def test_pictures_are_prepared_after_the_start_and_after_each_change_of_size(started):
    engine = engine_of((720, 1280))
    desk = Desk(engine, None, None, None)
    desk.prepare()
    desk.prepare()
    assert started == [((720, 1280), CALM_S)]
    engine.pipeline.source_info.size = (1280, 720)
    desk.prepare()
    assert started[1:] == [((1280, 720), CALM_S)]


def test_a_camera_of_another_size_than_the_output_gets_pictures_of_its_own_size(started):
    Desk(engine_of((480, 640)), None, None, None).prepare()
    assert started == [((480, 640), CALM_S)]


def test_nothing_is_prepared_while_segcam_starts(started):
    engine = engine_of((720, 1280))
    engine.starting = True
    Desk(engine, None, None, None).prepare()
    engine.pipeline, engine.starting = None, False
    Desk(engine, None, None, None).prepare()
    assert started == []


def test_a_client_that_lists_the_library_does_not_wait_for_a_calm_moment(started, monkeypatch):
    monkeypatch.setattr(requests, "_library", dict)
    answer = Desk(engine_of((720, 1280)), None, None, None).requests().long["backgrounds"]
    answer({}, lambda _: None)
    assert started == [((720, 1280), 0.0)]
