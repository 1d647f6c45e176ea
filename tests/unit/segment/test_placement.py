"""A runtime that makes a session for a device and computes on the CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.errors import BackendFailed
from segcam.segment.backends.onnxruntime import (
    PROVIDERS,
    check_placement,
    load_runtime,
    session_options,
)
from segcam.zoo.library import path_for

pytest.importorskip("onnxruntime")


def test_a_session_that_computes_on_the_cpu_is_no_gpus(tmp_path: Path) -> None:
    card = tiny_segmenter(tmp_path / "tiny.tflite")
    runtime = load_runtime()
    path = path_for(card, tmp_path / card.file, "onnx")
    session = runtime.InferenceSession(
        str(path), session_options(runtime, 1), providers=["CPUExecutionProvider"]
    )
    check_placement(session, PROVIDERS["cpu"])
    with pytest.raises(BackendFailed, match=r"takes 0 of \d+ operators"):
        check_placement(session, replace(PROVIDERS["cuda"], title="Fancy"))
