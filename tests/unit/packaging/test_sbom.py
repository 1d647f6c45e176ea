"""The list of parts that a release publishes."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "packaging/requirements/runtime.txt"


def named(parts, name):
    return [each for each in parts if each["name"] == name]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The components, completed from the bare list that cyclonedx-py makes."""
    file = tmp_path_factory.mktemp("parts") / "parts.json"
    pins = re.findall(r"^([\w-]+)==(\S+)", LOCK.read_text(), re.MULTILINE)
    bare = [{"type": "library", "name": name, "version": version} for name, version in pins]
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "components": bare}))
    subprocess.run([sys.executable, ROOT / "packaging/sbom.py", file], check=True)
    return json.loads(file.read_text())["components"]


def test_every_part_has_a_licence(parts):
    assert all(each["licenses"][0]["expression"] for each in parts)


def test_libraries_inside_of_wheels_are_named_with_their_own_licence(parts):
    (av,) = named(parts, "av")
    within = {each["name"]: each["licenses"][0]["expression"] for each in av["components"]}
    assert within["FFmpeg"] == "GPL-3.0-or-later"
    assert "components" not in named(parts, "numpy")[0]


def test_the_models_are_parts_with_a_checksum(parts):
    (model,) = named(parts, "selfie-landscape")
    assert model["type"] == "machine-learning-model"
    assert len(model["hashes"][0]["content"]) == 64


def test_what_is_not_installed_here_is_optional(parts):
    assert [each["scope"] for each in named(parts, "pyvirtualcam")] == ["optional"]
    numpys = {each["version"]: each["scope"] for each in named(parts, "numpy")}
    assert numpys.pop(version("numpy")) == "required"
    assert set(numpys.values()) == {"optional"}
