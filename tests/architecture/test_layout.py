"""Rules for the tree of files and imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("segcam", "models", "ui")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def name_of(path):
    return str(path.relative_to(ROOT))


def imported_by(path):
    tree = ast.parse(path.read_text())
    return {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }


def test_every_file_is_found():
    assert len(SOURCES) > 50


def test_files_stay_short():
    lines = {name_of(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_file_says_it_is_about_everything():
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [name_of(path) for path in SOURCES if path.stem in vague] == []


def test_nothing_is_left_for_later():
    words = ("TODO", "FIXME", "XXX", "NotImplementedError")
    left = [name_of(path) for path in SOURCES if any(word in path.read_text() for word in words)]
    assert left == []


def test_no_pickle():
    """Pickle runs what it reads; control and model files come from outside."""
    unsafe = {"pickle", "marshal", "shelve", "dill"}
    assert [name_of(path) for path in SOURCES if imported_by(path) & unsafe] == []


def test_window_is_a_light_client():
    """It shows what the running SegCam sends; it takes no memory for an engine."""
    import subprocess
    import sys

    pytest.importorskip("PySide6.QtWidgets", reason="Qt cannot be used here", exc_type=ImportError)
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'ui')!r}); import segcam_ui.app; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('cv2', 'numpy', 'av', 'click')"
        " or m.startswith(('segcam.daemon', 'segcam.cli', 'segcam.pipeline'))])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_heavy_imports_stay_out_of_the_start():
    """``segcam --help`` must not wait for OpenCV or a runtime."""
    import subprocess
    import sys

    code = (
        "import sys, segcam.cli.main; "
        "print([m for m in ('cv2', 'av', 'onnxruntime', 'openvino', 'ai_edge_litert', 'torch') "
        "if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
