"""Doubles for a pipeline whose parts are exchanged while frames flow, and the viewer's picture."""

import threading
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import SegCamError
from segcam.pipeline import sender
from segcam.pipeline.pipeline import Pipeline
from segcam.source.pattern import Pattern, room
from support.waiting import LIMIT_S

SIZE = (90, 160)
RATE_HZ = Fraction(120)
GREEN, BLUE = (145, 54, 34), (41, 240, 110)


class ThreadedSegmenter:
    """Finds nobody, checks the threads that use it, and behaves as told."""

    model = "threaded"
    compiles = False

    def __init__(self, matte_size=(18, 32), on_open=lambda: None, on_segment=lambda: None):
        self.matte_size = matte_size
        self.on_open, self.on_segment = on_open, on_segment
        self.threads = set()
        self.frames = 0
        self.is_open = False

    def open(self):
        self.threads.add(threading.get_ident())
        self.on_open()
        self.is_open = True

    def segment(self, frame, out):
        self.threads.add(threading.get_ident())
        assert out.shape == self.matte_size
        self.on_segment()
        self.frames += frame.id >= 0
        out.fill(0)
        return True

    owes_look = False

    def look_around(self):
        pass

    def close(self):
        self.threads.add(threading.get_ident())
        self.is_open = False


class MindfulRefiner:
    """Records its calls: the frame, whether to forget, and the size of the matte."""

    edges = "fast"

    def __init__(self):
        self.asked, self.closed = [], 0
        self.on_first = lambda: None

    def refine(self, coarse, frame, out):
        assert not self.closed
        if not self.asked:
            self.on_first()
        self.asked.append((frame.id, frame.cut, coarse.shape))
        out.fill(0)

    def close(self):
        self.closed += 1


class Gate:
    """A call that blocks until the gate is opened."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, *_):
        self.reached.set()
        assert self.opened.wait(LIMIT_S)


@pytest.fixture
def build(recording_sink):
    def make(**changes):
        parts = {
            "segmenters": [ThreadedSegmenter()],
            "refiner": MindfulRefiner(),
            "compositor": RoomHidden(Color(GREEN)),
            "sink": recording_sink,
            **changes,
        }
        return Pipeline(Pattern(SIZE, RATE_HZ), **parts)

    return make


@pytest.fixture
def steady(monkeypatch):
    """No placeholder comes because a busy machine stands still for a moment."""
    monkeypatch.setattr(sender, "STALE_S", LIMIT_S)


@contextmanager
def meanwhile(work):
    """Runs ``work`` on another thread; the list then contains its errors."""
    raised = []

    def run():
        try:
            work()
        except SegCamError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield raised
    thread.join(LIMIT_S)
    assert not thread.is_alive()


def is_plain(yuv):
    return lambda frame: [int(plane[2, 2]) for plane in frame.planes] == list(yuv)


def shows_room(frame):
    wall, picture = (f.y[:30, :40].astype(float).ravel() for f in (room(SIZE), frame))
    return picture.std() > 1 and np.corrcoef(picture, wall)[0, 1] > 0.5


def comes(sink, wanted, limit_s=LIMIT_S):
    """Whether such a frame arrives from now on."""
    seen = len(sink.frames)
    return sink.wait_for(lambda frames: any(map(wanted, frames[seen:])), limit_s)


def pictures(frames):
    return [frame for frame in frames if not frame.is_placeholder]
