"""Which GPUs count, with SwiftShader as one that does not, unless a test says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.software_gpu import DRIVER, software_gpu

from segcam.segment import hardware, vulkan
from segcam.segment.hardware import obstacle
from segcam.segment.registry import SPECS
from segcam.segment.vulkan import SOFTWARE, Adapter, driver_files

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no file tells")
ANY_GPU = ["litert-gpu", "onnxruntime-webgpu"]
ASK = """
import os
from segcam.errors import BackendUnavailable
from segcam.segment.vulkan import require_gpu
try:
    print(require_gpu())
except BackendUnavailable as error:
    print(error)
print(os.environ.get("VK_LOADER_DRIVERS_DISABLE"))
"""


def asked(**changes: str) -> list[str]:
    """What a process of its own finds: it loads a driver."""
    if not DRIVER.exists():
        pytest.skip("SwiftShader is not installed: make .venv/swiftshader")
    environment = {**os.environ, **software_gpu(), **changes}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_software_is_no_gpu() -> None:
    said, _ = asked(**{SOFTWARE: "0"})
    assert "finds no GPU" in said
    assert "only software, SwiftShader" in said


def test_software_passes_for_a_gpu_where_a_test_says_so() -> None:
    said, hidden = asked()
    assert said.startswith("SwiftShader")
    assert hidden == "None"


def test_without_any_driver_there_is_no_gpu() -> None:
    said, _ = asked(VK_DRIVER_FILES="/none.json", VK_ICD_FILENAMES="/none.json")
    assert "it finds none" in said


def test_of_two_gpus_the_card_is_named_and_software_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built_in, card = Adapter("built in", False, False), Adapter("a card", False, True)
    software = Adapter("llvmpipe", True, False)
    monkeypatch.setenv(SOFTWARE, "0")
    monkeypatch.setenv("VK_LOADER_DRIVERS_DISABLE", "")  # put back after the test
    monkeypatch.setattr(vulkan, "adapters", lambda: [software, built_in, card])
    assert vulkan.require_gpu() == "a card"
    monkeypatch.setattr(vulkan, "adapters", lambda: [software, built_in])
    assert vulkan.require_gpu() == "built in"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that has a GPU and its driver."""
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", SOFTWARE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(hardware.ctypes, "CDLL", lambda _: None)
    monkeypatch.setattr(hardware.importlib.util, "find_spec", lambda _: True)
    for name in ("dev/dri/renderD128", "usr/share/vulkan/icd.d/radeon_icd.x86_64.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize("name", ANY_GPU)
def test_a_gpu_with_a_driver_is_worth_trying(machine: Path, name: str) -> None:
    assert obstacle(SPECS[name], machine) is None


@pytest.mark.parametrize("name", ANY_GPU)
def test_without_a_gpu_nothing_is_tried(machine: Path, name: str) -> None:
    (machine / "dev/dri/renderD128").unlink()
    found = obstacle(SPECS[name], machine)
    assert found is not None
    assert "no GPU" in found.reason
    (machine / "dev/nvidia0").touch()
    assert obstacle(SPECS[name], machine) is None


def test_software_drivers_alone_are_no_driver(machine: Path) -> None:
    (driver,) = driver_files(machine)
    driver.rename(driver.with_name("lvp_icd.x86_64.json"))
    found = obstacle(SPECS["litert-gpu"], machine)
    assert found is not None
    assert "no driver" in found.reason
    assert "mesa-vulkan-drivers" in found.hint


def test_a_gpu_that_may_not_be_opened(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may open everything
    found = obstacle(SPECS["litert-gpu"], machine)
    assert found is not None
    assert "usermod -aG render" in found.hint


def test_without_the_loader_it_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(hardware.ctypes, "CDLL", missing)
    found = obstacle(SPECS["litert-gpu"], machine)
    assert found is not None
    assert "libvulkan1" in found.hint
