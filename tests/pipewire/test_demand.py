"""The source runs only while a program takes the PipeWire camera's frames."""

import subprocess
import time
from contextlib import contextmanager
from fractions import Fraction

import pytest
from support.waiting import wait_until

from segcam.composite.compositor import RoomShown
from segcam.pipeline.demand import Demand
from segcam.pipeline.pipeline import Pipeline
from segcam.sink.pipewire import PipeWireSink
from segcam.source.pattern import Pattern

SIZE = (180, 320)
LINGER_S = 0.5


class CountingPattern(Pattern):
    """Counts how often it is opened and read."""

    opened, read_since_open, is_open = 0, 0, False

    def open(self):
        self.opened, self.read_since_open, self.is_open = self.opened + 1, 0, True
        return super().open()

    def read(self, out):
        self.read_since_open += 1
        return super().read(out)

    def close(self):
        self.is_open = False


@contextmanager
def watching():
    pipeline = "gst-launch-1.0 -q pipewiresrc target-object=segcam ! video/x-raw ! fakesink"
    with subprocess.Popen(
        pipeline.split(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def source():
    return CountingPattern(SIZE, Fraction(30))


@pytest.fixture
def sink():
    return PipeWireSink()


@pytest.fixture
def pipeline(session, source, sink, figure_segmenter, plain_refiner):
    pipeline = Pipeline(
        source,
        segmenters=[figure_segmenter],
        refiner=plain_refiner,
        compositor=RoomShown(),
        sink=sink,
        demand=Demand(LINGER_S),
    )
    with pipeline:
        yield pipeline


def test_it_runs_for_viewers_and_knows_them(pipeline, source, sink):
    wait_until(lambda: not source.is_open)
    for turn in range(2, 4):
        with watching():
            wait_until(lambda: pipeline.demand.in_use)
            live_s = wait_until(lambda: source.is_open)
            wait_until(lambda: source.read_since_open > 10)
            assert sink.viewers() == ["gst-launch-1.0"]
            there_s = time.monotonic()
        wait_until(lambda: not source.is_open)
        off_s = time.monotonic() - there_s
        print(f"open {live_s * 1e3:.0f} ms after a viewer came, closed {off_s:.1f} s after it left")
        assert off_s > 0.8 * LINGER_S
        assert source.opened == turn
        assert sink.viewers() == []


def test_the_node_comes_back_after_pipewire_also_while_nobody_watches(pipeline, session, source):
    wait_until(lambda: not source.is_open)
    session.stop()
    wait_until(lambda: pipeline.trouble is not None)
    session.start()
    wait_until(lambda: pipeline.trouble is None)
    wait_until(lambda: '"segcam"' in session.dump())
    with watching():
        wait_until(lambda: pipeline.demand.in_use)
