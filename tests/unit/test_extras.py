"""Each backend's packages can be installed by the extra that its error names."""

import sys
import tomllib
from pathlib import Path

import pytest

import segcam
from segcam import extras
from segcam.segment.hardware import obstacle
from segcam.segment.registry import SPECS

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def named(requirements):
    """Packages by name; an extra that another one includes counts with all of its own."""
    found = set()
    for requirement in requirements:
        name = requirement.partition(">")[0]
        own = name.startswith("segcam[")
        found |= brought_by(name[len("segcam[") : -1]) if own else {name}
    return found


def brought_by(extra):
    return named(PROJECT["optional-dependencies"][extra])


WITH_EXTRA = [name for name, spec in SPECS.items() if spec.extra]


@pytest.mark.parametrize("name", WITH_EXTRA)
def test_the_extra_of_a_backend_brings_its_package_and_the_converter(name):
    assert {SPECS[name].package, "onnx"} <= brought_by(SPECS[name].extra)


def test_the_base_runs_the_default_model_and_carries_no_qt_cuda_or_openvino():
    base = named(PROJECT["dependencies"])
    assert SPECS["litert-cpu"].package in base
    assert not {"pyside6-essentials", "onnxruntime-gpu", "openvino", "onnx"} & base


@pytest.mark.parametrize("name", ["openvino-cpu", "onnxruntime-cpu"])
def test_a_backend_that_is_not_installed_names_its_extra(monkeypatch, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = obstacle(SPECS[name])
    assert "is not installed" in found.reason
    assert found.hint == f"Run: {sys.executable} -m pip install 'segcam[{SPECS[name].extra}]'"


def test_a_frozen_program_has_no_pip_to_name(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    wheel = f"segcam-{segcam.__version__}-py3-none-any.whl"  # no index has a package segcam
    assert f"pipx install '{wheel}[ui,gpu]'" in extras.cure("gpu")
