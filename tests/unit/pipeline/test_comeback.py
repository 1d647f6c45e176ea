"""A device that disappears in a call, and comes back."""

import errno
import threading
from types import SimpleNamespace

import pytest
from support.changing import GREEN, ThreadedSegmenter, build, comes, is_plain
from support.waiting import LIMIT_S, wait_until

from segcam.errors import (
    BackendFailed,
    BackendLost,
    BackendUnavailable,
    MatteRejected,
)
from segcam.pipeline import comeback
from segcam.segment.base import AnswerImpossible

__all__ = ["build"]


class Device:
    """A GPU that can be pulled out, and a segmenter that needs it."""

    def __init__(self, error=BackendLost, name="gpu"):
        self.gone = threading.Event()
        self._error = error
        self.opened = 0
        self.full = False
        self.segmenter = ThreadedSegmenter(on_open=self._open, on_segment=self._run)
        self.segmenter.backend = SimpleNamespace(name=name)
        self.compiled = threading.Event()
        self.compiled.set()

    def compiles(self):
        """From now on its driver compiles until ``compiled`` is set."""
        self.compiled.clear()
        self.segmenter.compiles = True
        return self

    def _open(self):
        self.compiled.wait(LIMIT_S)
        self.opened += 1
        if self.full:
            raise BackendFailed("no load", "CUDA failure 2: out of memory")
        if self.gone.is_set():
            raise BackendUnavailable("there is no GPU")

    def _run(self):
        if self.gone.is_set():
            raise self._error("the GPU is gone")


def cpu():
    segmenter = ThreadedSegmenter((36, 64))
    segmenter.backend = SimpleNamespace(name="cpu")
    return segmenter


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(comeback, "FIRST_S", 0.05)
    monkeypatch.setattr(comeback, "LONGEST_S", 0.1)


@pytest.mark.parametrize("error", [BackendLost, BackendFailed, AnswerImpossible])
def test_the_cpu_goes_on_without_a_device_and_the_device_takes_over_when_it_is_back(
    build, recording_sink, error
):
    device, processor = Device(error), cpu()
    pipeline = build(segmenters=[device.segmenter, processor])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        for _ in range(2):  # also the second time
            device.gone.set()
            wait_until(lambda: pipeline.segmenter is processor, "the CPU")
            ((given_up, reason),) = pipeline.given_up
            assert given_up is device.segmenter
            assert "GPU" in reason
            assert comes(recording_sink, is_plain(GREEN))
            before = device.opened
            wait_until(lambda n=before: device.opened > n + 1, "trials in vain")
            assert pipeline.segmenter is processor
            device.gone.clear()
            wait_until(lambda: pipeline.segmenter is device.segmenter, "the GPU")
            assert pipeline.given_up == ()
            assert comes(recording_sink, is_plain(GREEN))
        assert not processor.is_open
    assert not device.segmenter.is_open


def test_a_gpu_without_memory_is_left_for_the_cpu_with_one_line(build, recording_sink, caplog):
    device = Device()
    device.full = True
    pipeline = build(segmenters=[device.segmenter, cpu()])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        assert pipeline.given_up == ((device.segmenter, "no load: CUDA failure 2: out of memory"),)
        assert caplog.text.count("out of memory") == 1


def test_a_model_that_was_chosen_meanwhile_stays(build, recording_sink):
    device, chosen = Device(), cpu()
    pipeline = build(segmenters=[device.segmenter, cpu()])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        device.gone.set()
        wait_until(lambda: pipeline.segmenter is not device.segmenter, "the CPU")
        pipeline.change_segmenters([chosen])
        device.gone.clear()
        opened = device.opened
        seen = chosen.frames
        wait_until(lambda: chosen.frames > seen + 60, "half a second of frames")
        assert pipeline.segmenter is chosen
        assert device.opened == opened


def test_a_trial_that_fails_by_surprise_is_not_the_last(caplog):
    tried = []

    def take_back():
        tried.append(1)
        if len(tried) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return "gpu"

    relay = SimpleNamespace(coming=(), given_up=[("gpu", "gone")], take_back=take_back)
    trials = comeback.Comeback(relay)
    trials.start()
    wait_until(lambda: len(tried) > 1)
    trials.stop()
    trials.join(LIMIT_S)
    assert "cannot open more files" in caplog.text


def test_without_a_failure_nothing_is_tried(build, recording_sink):
    device = Device()
    pipeline = build(segmenters=[device.segmenter, cpu()])
    with pipeline:
        wait_until(lambda: device.segmenter.frames > 60, "half a second of frames")
        assert device.opened == 1


def test_a_covered_camera_is_no_fault_of_the_device(build, recording_sink):
    device = Device(MatteRejected)
    pipeline = build(segmenters=[device.segmenter, cpu()])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        device.gone.set()
        seen = pipeline.stats.captured
        wait_until(lambda: pipeline.stats.captured > seen + 60, "half a second of frames")
        assert pipeline.segmenter is device.segmenter


def test_the_last_backend_is_kept_whatever_it_answers(build, recording_sink):
    device = Device(AnswerImpossible)
    pipeline = build(segmenters=[device.segmenter])
    with pipeline:
        device.gone.set()
        seen = pipeline.stats.captured
        wait_until(lambda: pipeline.stats.captured > seen + 60, "half a second of frames")
        device.gone.clear()
        assert comes(recording_sink, is_plain(GREEN))
        assert pipeline.trouble is None


def test_the_cpu_starts_at_once_and_a_gpu_takes_over_when_its_driver_has_compiled(
    build, recording_sink
):
    device, processor = Device().compiles(), cpu()
    pipeline = build(segmenters=[device.segmenter, processor])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        assert pipeline.segmenter is processor
        assert pipeline.coming == (device.segmenter,)
        device.compiled.set()
        wait_until(lambda: pipeline.segmenter is device.segmenter, "the GPU")
        assert (pipeline.coming, pipeline.given_up) == ((), ())
        device.gone.set()
        wait_until(lambda: pipeline.segmenter is processor, "its fallback")


def test_what_compiles_in_vain_is_told_once_and_the_next_is_loaded(build, recording_sink, caplog):
    full, device, processor = Device(name="npu").compiles(), Device().compiles(), cpu()
    full.full = True
    full.compiled.set()
    device.compiled.set()
    pipeline = build(segmenters=[full.segmenter, device.segmenter, processor])
    with pipeline:
        wait_until(lambda: pipeline.segmenter is device.segmenter, "the second")
        assert comes(recording_sink, is_plain(GREEN))
        reason = "no load: CUDA failure 2: out of memory"
        assert pipeline.given_up == ((full.segmenter, reason),)
        full.full = False
        wait_until(lambda: pipeline.segmenter is full.segmenter, "the first, at last")
    assert caplog.text.count("out of memory") == 1


def test_where_no_cpu_can_load_the_gpu_is_waited_for(build, recording_sink):
    device, broken = Device().compiles(), Device(name="cpu")
    broken.full = True
    device.compiled.set()
    pipeline = build(segmenters=[device.segmenter, broken.segmenter])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        assert pipeline.segmenter is device.segmenter


def test_a_model_that_is_chosen_while_a_driver_compiles_is_used(build, recording_sink):
    device, chosen = Device().compiles(), cpu()
    pipeline = build(segmenters=[device.segmenter, cpu()])
    with pipeline:
        assert comes(recording_sink, is_plain(GREEN))
        change = threading.Thread(target=pipeline.change_segmenters, args=([chosen],))
        change.start()
        device.compiled.set()
        change.join(LIMIT_S)
        assert pipeline.segmenter is chosen
        assert pipeline.coming == ()
