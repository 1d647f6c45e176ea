"""A camera that comes back otherwise than it went."""

import time
from fractions import Fraction

import pytest
from support.waiting import wait_until

from segcam.composite.compositor import RoomShown
from segcam.errors import CameraLost, MediaError, SourceError
from segcam.pipeline.pipeline import Pipeline
from segcam.source.pattern import Pattern

SIZE = (90, 160)


class Changeable(Pattern):
    """The pattern, until it is given an error to answer to ``open`` or ``read``."""

    def __init__(self):
        super().__init__(SIZE, Fraction(60))
        self.opening = self.reading = None
        self.opened = 0

    def open(self):
        self.opened += 1
        if self.opening is not None:
            raise self.opening
        return super().open()

    def read(self, out):
        if self.reading is not None:
            raise self.reading
        return super().read(out)


PAUSE_S = 0.2


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    for name in ("LONGEST_BACKOFF_S", "LONGEST_TRANSIENT_S"):
        monkeypatch.setattr(f"segcam.worker.{name}", PAUSE_S)


@pytest.fixture
def camera():
    return Changeable()


@pytest.fixture
def pipeline(camera, figure_segmenter, plain_refiner, recording_sink):
    return Pipeline(
        camera,
        segmenters=[figure_segmenter],
        refiner=plain_refiner,
        compositor=RoomShown(),
        sink=recording_sink,
    )


def live(sink):
    return sum(not frame.is_placeholder for frame in sink.frames)


def odd():
    return SourceError("SegCam cannot read the camera's pixel formats", "It offers BA81", "Cure")


def test_odd_formats_at_the_start_are_told_with_the_cure(pipeline, camera):
    camera.opening = odd()
    with pytest.raises(SourceError, match=r"BA81\. Cure"):
        pipeline.start()


def test_odd_formats_in_mid_call_are_waited_out(pipeline, camera, recording_sink):
    with pipeline:
        wait_until(lambda: live(recording_sink) > 5)
        camera.opening, camera.reading = odd(), CameraLost("pulled out")
        wait_until(lambda: isinstance(pipeline.trouble, CameraLost) and camera.opened > 7)
        assert "BA81" in str(pipeline.trouble)
        start_s, opened = time.monotonic(), camera.opened
        wait_until(lambda: camera.opened > opened + 2)
        assert time.monotonic() - start_s > PAUSE_S, "no spin"
        seen = live(recording_sink)
        camera.opening = camera.reading = None
        wait_until(lambda: live(recording_sink) > seen + 5)
        assert pipeline.trouble is None


def test_pictures_that_cannot_be_converted_are_waited_out(pipeline, camera, recording_sink):
    with pipeline:
        wait_until(lambda: live(recording_sink) > 5)
        camera.reading = odd()
        wait_until(lambda: camera.opened > 7)
        seen = live(recording_sink)
        camera.reading = None
        wait_until(lambda: live(recording_sink) > seen + 5)


def test_a_clip_that_breaks_in_a_call_leaves_a_placeholder_and_is_tried_again(
    pipeline, camera, recording_sink
):
    with pipeline:
        wait_until(lambda: live(recording_sink) > 5)
        camera.reading = MediaError("torn")
        wait_until(lambda: recording_sink.frames[-1].is_placeholder)
        assert isinstance(pipeline.trouble, MediaError)
        camera.reading, seen = None, live(recording_sink)
        wait_until(lambda: live(recording_sink) > seen + 5)
