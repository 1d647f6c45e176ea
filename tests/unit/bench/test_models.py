"""Tables 1 and 3 of the bench, with backends that a test makes up."""

from __future__ import annotations

from pathlib import Path

import pytest

from segcam.bench import models as module
from segcam.segment.probe import ProbeResult
from segcam.zoo.library import find

RESULTS = (
    ProbeResult("openvino-npu", reason="r" * 200, hint="Buy one"),
    ProbeResult("litert-gpu", "a card", usable=True, median_ms=3.0, cpu_ms=0.1),
    ProbeResult("litert-cpu", "a processor", usable=True, median_ms=2.0, cpu_ms=2.0),
    ProbeResult("onnxruntime-cpu", "a processor", usable=True, median_ms=1.5, cpu_ms=1.5),
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "probe_all", lambda *_: iter(RESULTS))
    file = tmp_path / "model"
    file.write_bytes(bytes(250_000))
    card = find("selfie-landscape")[0]
    monkeypatch.setattr(module, "cards", lambda: ["selfie-landscape"])
    monkeypatch.setattr(module, "find", lambda _: (card, file))


def test_each_backend_has_its_time_or_the_whole_reason() -> None:
    (row,) = module.models()
    assert row["backends_ms"] == {"litert-gpu": 3.0, "litert-cpu": 2.0, "onnxruntime-cpu": 1.5}
    assert row["missing"] == {"openvino-npu": "r" * 200}
    assert row["file_mb"] == 0.25
    assert all(0 < us < 33_000 for us in row["npu_estimate_us"].values())


def test_processors_are_compared_by_their_fastest_backend() -> None:
    (row,) = module.by_processor(list(module.models()))
    assert (row["cpu"], row["gpu"]) == (1.5, 3.0)
    assert "npu" not in row
