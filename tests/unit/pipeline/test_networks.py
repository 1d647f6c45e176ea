"""Which networks are made of what was asked for."""

import os
import signal
import sys

import numpy as np
import pytest
from support.processes import children

from segcam.errors import BackendUnavailable
from segcam.frame import Frame
from segcam.pipeline import networks
from segcam.pipeline.networks import make_refiner
from segcam.zoo.library import DEFAULT

OTHER = "selfie-general"


@pytest.mark.parametrize(
    ("asked", "model", "backend", "made"),
    [
        ("auto", DEFAULT, "litert-cpu", "sharp"),
        ("auto", DEFAULT, "openvino-npu", "sharp"),
        ("auto", DEFAULT, "null", "fast"),
        ("auto", OTHER, "litert-cpu", "fast"),
        ("fast", DEFAULT, "litert-cpu", "fast"),
        ("sharp", OTHER, "null", "sharp"),
    ],
)
def test_auto_draws_sharp_edges_for_the_model_they_were_trained_for(asked, model, backend, made):
    assert make_refiner(asked, model, backend).edges == made


def test_without_a_runtime_for_its_network_auto_draws_fast_edges(monkeypatch):
    def refuse(*_):
        raise BackendUnavailable("Nothing is installed")

    monkeypatch.setattr(networks, "choose", refuse)
    assert make_refiner("auto", DEFAULT, "litert-cpu").edges == "fast"
    with pytest.raises(BackendUnavailable):
        make_refiner("sharp", DEFAULT, "litert-cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_a_network_that_crashes_leaves_the_fast_edges(caplog):
    refiner = make_refiner("sharp", DEFAULT, "null", isolate="always")
    frame, matte = Frame.filled((180, 320), (90, 128, 128)), np.zeros((144, 256), np.float32)
    matte[40:, 80:160] = 1
    before, after = np.empty((2, *frame.size), np.uint8)
    others = set(children())
    refiner.refine(matte, frame, before)
    assert refiner.edges == "sharp"
    (child,) = set(children()) - others
    os.kill(child, signal.SIGSEGV)
    refiner.refine(matte, frame, after)
    assert refiner.edges == "fast"
    assert "using fast edges" in caplog.text
    assert after[100, 150] == before[100, 150] == 255
    refiner.close()
