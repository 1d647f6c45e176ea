"""What drivers compile is kept in SegCam's own folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from segcam.model_card import ModelCard
from segcam.segment.caches import driver_caches
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="as Linux's drivers have them")
NAMES = {
    *("CUDA_CACHE_PATH", "__GL_SHADER_DISK_CACHE_PATH", "MESA_SHADER_CACHE_DIR"),
    *("NEO_CACHE_DIR", "ZE_INTEL_NPU_CACHE_DIR"),
}
CHILD = """
import json, os
print(json.dumps({"device": os.environ["CUDA_CACHE_PATH"], "run_s": 0}), flush=True)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "segcam" / "drivers"


def test_drivers_get_a_folder_that_exists(own: Path) -> None:
    assert driver_caches() == dict.fromkeys(NAMES, str(own))
    assert own.is_dir()


def test_what_the_user_has_set_stays(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESA_SHADER_CACHE_DIR", "/elsewhere")
    assert driver_caches().keys() == NAMES - {"MESA_SHADER_CACHE_DIR"}


def test_without_a_folder_drivers_do_as_they_like(own: Path) -> None:
    own.parent.write_text("a file in its place")
    assert driver_caches() == {}


def test_a_backends_process_gets_it(own: Path, card: ModelCard, tmp_path: Path) -> None:
    backend = IsolatedBackend("null", (sys.executable, "-c", CHILD))
    backend.load(card, tmp_path / card.file, Tensors(card))
    backend.close()
    assert backend.device == str(own)
