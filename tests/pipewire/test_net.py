"""Viewers of the PipeWire camera see a placeholder, not the last picture, while SegCam hangs."""

import time
from contextlib import contextmanager
from fractions import Fraction

import pytest
from leak import breakages
from leak.faults import Fault, FaultyCompositor, FaultyRefiner
from support.waiting import LIMIT_S, Stalls
from watching.gstreamer import Recording

from segcam.composite.background import Blurred
from segcam.composite.compositor import RoomHidden
from segcam.composite.placeholder import draw_placeholder
from segcam.frame import Frame
from segcam.pipeline.pipeline import Pipeline
from segcam.sink import net
from segcam.sink.null import NullSink
from segcam.sink.pipewire import PipeWireSink
from segcam.sink.several import Several
from segcam.source.pattern import FIGURE_YUV, Pattern

SIZE = (180, 320)
RATE_HZ = Fraction(30)
PLACEHOLDER = draw_placeholder(SIZE, "Camera is off")
CARD_S = 2.0
"""Functional: natively it comes after 0.75 s."""


def make_sink():
    return PipeWireSink(placeholder=PLACEHOLDER)


@pytest.fixture
def fault():
    fault = Fault(breakages.hangs)
    yield fault
    fault.end()


@pytest.fixture
def recording(session):
    """Starts a program that records: ``with recording() as program``."""
    return lambda: Recording(SIZE)


@pytest.fixture
def run(session, figure_segmenter, plain_refiner):
    """Runs a pipeline before the camera: ``with run(sink, compositor=...)``."""

    @contextmanager
    def start(sink, **parts):
        pipeline = Pipeline(
            Pattern(SIZE, RATE_HZ),
            segmenters=[figure_segmenter],
            **{"refiner": plain_refiner, "compositor": RoomHidden(Blurred(50)), **parts},
            sink=sink,
        )
        with pipeline:
            yield pipeline

    return start


def wait_for(program, wanted, what, meanwhile=lambda: None):
    """Wait for a frame that is ``wanted`` among those that come from now on; seconds."""
    start_s, first = time.monotonic(), program.count
    while not any(map(wanted, program.pictures(first))):
        assert time.monotonic() - start_s < LIMIT_S, f"no {what} came"
        meanwhile()
        time.sleep(0.02)
    return time.monotonic() - start_s


def is_placeholder(frame):
    return (frame.data == PLACEHOLDER.data).all()


def is_white(frame):
    return (frame.y == 235).all()


def is_live(frame):
    """Whether somebody's chest is in the middle."""
    return abs(int(frame.v[SIZE[0] * 3 // 8, SIZE[1] // 4]) - FIGURE_YUV[2]) < 8


@contextmanager
def no_placeholder(program):
    """None comes meanwhile, unless the machine itself stands still for about as long."""
    count = program.count
    with Stalls() as machine:
        yield
    shown = any(map(is_placeholder, program.pictures(count)))
    assert not shown or machine.longest_s > net.SILENT_S / 4


def assert_placeholder_while_it_hangs(fault, program):
    with no_placeholder(program):
        wait_for(program, is_live, "picture")
    fault.begin()
    with Stalls() as machine:
        placeholder_s = wait_for(program, is_placeholder, "placeholder")
    print(f"placeholder after {placeholder_s:.2f} s")
    assert placeholder_s < CARD_S + 4 * machine.longest_s
    count = program.count
    time.sleep(1.5)
    shown = program.pictures(count)
    assert len(shown) >= 2, "placeholders keep a browser's track alive"
    assert all(map(is_placeholder, shown))
    fault.end()
    wait_for(program, is_live, "picture after it")
    with no_placeholder(program):
        time.sleep(1.5)


@pytest.mark.parametrize("make", [make_sink, lambda: Several([make_sink(), NullSink()])])
def test_a_compositor_that_hangs_leaves_a_placeholder(run, recording, fault, make):
    compositor = FaultyCompositor(RoomHidden(Blurred(50)), fault)
    with run(make(), compositor=compositor), recording() as program:
        assert_placeholder_while_it_hangs(fault, program)


def test_a_refiner_that_hangs_leaves_a_placeholder(run, recording, fault, plain_refiner):
    refiner = FaultyRefiner(plain_refiner, fault)
    with run(make_sink(), refiner=refiner), recording() as program:
        assert_placeholder_while_it_hangs(fault, program)


def test_who_comes_while_it_hangs_sees_a_placeholder(run, recording, fault):
    compositor = FaultyCompositor(RoomHidden(Blurred(50)), fault)
    fault.begin()
    with run(make_sink(), compositor=compositor), recording() as program:
        wait_for(program, is_placeholder, "placeholder")
        assert not any(map(is_live, program.pictures()))


def test_no_placeholder_comes_after_the_frame_that_it_waited_for(session, recording):
    sink, white = make_sink(), Frame.filled(SIZE, (235, 128, 128))
    sink.open(SIZE, RATE_HZ)
    with recording() as program:
        wait_for(program, is_white, "frame", lambda: sink.send(white))
        with sink._locked():  # a frame is being sent just when the placeholder is due
            time.sleep(1.2 * net.SILENT_S)
            sink.send(white)
        count = program.count
        time.sleep(0.6 * net.SILENT_S)
        assert not any(map(is_placeholder, program.pictures(count)))
    sink.close()


def test_the_placeholder_holds_up_no_closing_and_mixes_with_no_frame(
    session, recording, monkeypatch
):
    monkeypatch.setattr(net, "SILENT_S", 1e-3)
    monkeypatch.setattr(net, "AGAIN_S", 1e-3)
    sink, white = make_sink(), Frame.filled(SIZE, (235, 128, 128))
    for _ in range(3):
        sink.open(SIZE, Fraction(1000))
        with recording() as program:
            for wanted in (is_placeholder, is_white):
                wait_for(program, wanted, "frame", lambda: sink.send(white))
            sink.close()
        assert all(is_placeholder(frame) or is_white(frame) for frame in program.pictures())
