"""Camera and output are exchanged while frames flow."""

import threading
from fractions import Fraction

import pytest
from support.changing import GREEN, MindfulRefiner, ThreadedSegmenter, comes, is_plain, shows_room
from support.waiting import LIMIT_S, until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import CameraLost, CameraNotFound, DeviceMissing, SinkError, SinkLost
from segcam.pipeline.exchange import Exchange
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.target import Target
from segcam.source.pattern import Pattern

SIZE, RATE_HZ = (90, 160), Fraction(60)


class Camera(Pattern):
    """The pattern under another name; tells whether it is open."""

    def __init__(self, name="camera", size=SIZE, error=None):
        super().__init__(size, RATE_HZ)
        self.name, self.error, self.is_open, self.opened = name, error, False, 0

    def open(self):
        if self.error is not None:
            raise self.error
        self.is_open, self.opened = True, self.opened + 1
        info = super().open()
        return type(info)(self.name, info.size, info.rate_hz, live=True)

    def close(self):
        self.is_open = False
        super().close()


def has_black_bars(frame):
    middle = [int(plane[plane.shape[0] // 2, plane.shape[1] // 2]) for plane in frame.planes]
    return middle == list(GREEN) and int(frame.y[2, 2]) == 16


@pytest.fixture
def running(recording_sink):
    started = []

    def start(source, **parts):
        pipeline = Pipeline(
            source,
            segmenters=[ThreadedSegmenter()],
            refiner=MindfulRefiner(),
            compositor=RoomHidden(Color(GREEN)),
            sink=recording_sink,
            **parts,
        )
        pipeline.start()
        started.append(pipeline)
        return pipeline

    yield start
    for pipeline in started:
        pipeline.stop()


def test_another_camera_takes_over_and_the_sink_stays(running, recording_sink):
    old, new = Camera("old"), Camera("new", size=(180, 240))
    pipeline = running(old)
    assert comes(recording_sink, is_plain(GREEN))
    info = pipeline.change_source(new)
    assert (info.name, info.size) == ("new", (180, 240))
    assert (old.is_open, new.is_open) == (False, True)
    assert pipeline.source_info == info
    assert comes(recording_sink, has_black_bars)
    assert recording_sink.closed == 0
    assert {frame.size for frame in recording_sink.frames} == {SIZE}, "what is sent fits in"
    assert not any(map(shows_room, recording_sink.frames))


def test_a_camera_that_cannot_be_opened_leaves_the_old_one_at_work(running, recording_sink):
    old = Camera("old")
    pipeline = running(old)
    with pytest.raises(CameraNotFound):
        pipeline.change_source(Camera("new", error=CameraNotFound("not there")))
    assert until(lambda: old.is_open)
    assert pipeline.source_info.name == "old"
    assert comes(recording_sink, is_plain(GREEN))
    assert until(lambda: pipeline.trouble is None)


def test_a_camera_that_was_pulled_out_can_be_exchanged(running, recording_sink, losable_camera):
    pipeline = running(losable_camera)
    losable_camera.pulled.set()
    assert until(lambda: isinstance(pipeline.trouble, CameraLost))
    assert pipeline.change_source(Camera("new")).name == "new"
    assert until(lambda: pipeline.trouble is None)
    assert comes(recording_sink, is_plain(GREEN))


def test_a_camera_that_is_not_wanted_is_looked_at_and_closed_again(running, recording_sink):
    pipeline = running(Camera("old"))
    pipeline.demand.change(linger_s=0.0, always_on=False)
    recording_sink.used = False
    new = Camera("new")
    assert until(lambda: not pipeline.source_is_open)
    assert pipeline.change_source(new).name == "new"
    assert until(lambda: not new.is_open)
    recording_sink.used = True
    assert until(lambda: new.is_open)
    assert comes(recording_sink, is_plain(GREEN))


def test_what_is_sent_may_become_larger(running, recording_sink):
    pipeline = running(Camera())
    pipeline.change_target(Target(recording_sink, (180, 320), Fraction(15)))
    assert recording_sink.size == (180, 320)
    assert comes(recording_sink, lambda frame: frame.size == (180, 320) and is_plain(GREEN)(frame))
    assert pipeline.target.rate_hz == 15


def test_another_output_gets_the_placeholder_first_and_the_old_one_is_closed(
    running, recording_sink
):
    pipeline, other = running(Camera()), type(recording_sink)()
    pipeline.change_target(Target(other, SIZE, RATE_HZ))
    assert recording_sink.closed == 1
    assert recording_sink.frames[-1].is_placeholder
    assert other.frames[0].is_placeholder
    assert comes(other, is_plain(GREEN))


def test_an_output_that_cannot_be_opened_leaves_the_old_one_at_work(running, recording_sink):
    pipeline, broken = running(Camera()), type(recording_sink)()

    def refuse(size, rate_hz):
        raise DeviceMissing("not there")

    broken.open = refuse
    with pytest.raises(SinkError):
        pipeline.change_target(Target(broken, (180, 320), RATE_HZ))
    assert comes(recording_sink, lambda frame: frame.size == SIZE and is_plain(GREEN)(frame))
    assert until(lambda: pipeline.trouble is None)


def test_a_lost_output_can_be_exchanged(running, recording_sink):
    pipeline, other = running(Camera()), type(recording_sink)()
    lost = threading.Event()

    def lose(*_):
        lost.set()
        raise SinkLost("gone")

    recording_sink.send = lose
    recording_sink.open = lose
    assert lost.wait(LIMIT_S)
    pipeline.change_target(Target(other, SIZE, RATE_HZ))
    assert comes(other, is_plain(GREEN))
    assert until(lambda: pipeline.trouble is None)


def test_a_worker_that_does_not_come_to_it_is_told_and_the_wish_is_gone():
    exchange = Exchange(lambda: CameraLost("it hangs"))
    with pytest.raises(CameraLost, match="hangs"):
        exchange.ask("wanted", 0.01)
    assert exchange.serve(lambda _: pytest.fail("nobody wants it any more")) is None


def test_nothing_is_exchanged_unless_somebody_asks():
    exchange = Exchange(lambda: CameraLost("it hangs"))
    assert exchange.serve(lambda _: pytest.fail("nobody asked")) is None
    answers = []
    thread = threading.Thread(target=lambda: answers.append(exchange.ask(3, 20)))
    thread.start()
    assert until(lambda: exchange.serve(lambda wanted: wanted + 1))
    thread.join()
    assert answers == [4]
