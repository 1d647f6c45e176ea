"""Answers of Intel's NPU compiler, played by a script. ``make npu-check`` asks the real one."""

import pytest
from segcam_models import npu

SAID = """[INFO] 12:00:00.100 [VCLCompilerImpl] Estimated inference latency: 306.75 us
[INFO] 12:00:00.110 [Graph] Blob size: 1171456
"""
REFUSED = """FAILED compile: Exception from src/inference/core.cpp:
Unsupported operation: GridSample
"""


@pytest.fixture
def wine(tmp_path, monkeypatch):
    """Makes the program; it leaves its arguments in a file."""

    def make(body):
        program = tmp_path / "wine"
        program.write_text(f'#!/bin/sh\necho "$@" "$WINEDEBUG" > "{tmp_path}/asked"\n{body}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return tmp_path / "asked"

    return make


def test_the_compilers_estimate_is_read(tmp_path, wine):
    asked = wine(f"cat <<'END'\n{SAID}END")
    model = tmp_path / "model.onnx"
    assert npu.estimate_us(tmp_path / "compile.exe", model, 4000) == 306.75
    assert asked.read_text().split()[1:] == [f"Z:{model}", "4000", "-all"]


def test_a_model_that_does_not_compile_has_a_reason(tmp_path, wine):
    wine(f"cat <<'END'\n{REFUSED}END\nexit 1")
    found = npu.estimate_us(tmp_path / "compile.exe", tmp_path / "model.onnx", 3720)
    assert found.startswith("does not compile: compile: Exception")
    assert found.endswith("Unsupported operation: GridSample")


def test_a_compiler_that_crashes_or_hangs_has_no_estimate(tmp_path, wine, monkeypatch):
    wine("exit 139")
    arguments = tmp_path / "compile.exe", tmp_path / "model.onnx", 5010
    assert npu.estimate_us(*arguments) == "the compiler ended without an estimate"
    wine("exec sleep 60")
    monkeypatch.setattr(npu, "LIMIT_S", 0.2)
    assert npu.estimate_us(*arguments) == "not within 0.2 s"


def test_an_interrupted_table_asks_for_each_estimate_once(tmp_path, wine):
    asked = wine(f"cat <<'END'\n{SAID}END")
    compiler, model = tmp_path / "compile.exe", tmp_path / "model.onnx"
    model.write_bytes(b"a network")
    assert npu.remembered_us(compiler, model, 4000) == 306.75
    asked.unlink()
    assert npu.remembered_us(compiler, model, 4000) == 306.75
    assert not asked.exists()
    npu.remembered_us(compiler, model, 5010)
    assert asked.exists()
    asked.unlink()
    model.write_bytes(b"another network")
    npu.remembered_us(compiler, model, 4000)
    assert asked.exists()


def test_a_refusal_is_remembered_and_a_time_out_is_not(tmp_path, wine, monkeypatch):
    compiler, model = tmp_path / "compile.exe", tmp_path / "model.onnx"
    model.write_bytes(b"a network")
    wine("exec sleep 60")
    monkeypatch.setattr(npu, "LIMIT_S", 0.2)
    assert npu.remembered_us(compiler, model, 3720) == "not within 0.2 s"
    monkeypatch.undo()
    asked = wine(f"cat <<'END'\n{REFUSED}END\nexit 1")
    assert "GridSample" in npu.remembered_us(compiler, model, 3720)
    asked.unlink()
    assert "GridSample" in npu.remembered_us(compiler, model, 3720)
    assert not asked.exists()
