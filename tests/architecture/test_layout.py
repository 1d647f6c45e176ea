"""What the tree promises its readers."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("segcam", "models", "ui")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def identify(path):
    return str(path.relative_to(ROOT))


def test_every_file_is_found():
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=identify)
def test_files_stay_short(path):
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES, ids=identify)
def test_no_file_says_it_is_about_everything(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


@pytest.mark.parametrize("path", SOURCES, ids=identify)
def test_nothing_is_left_for_later(path):
    text = path.read_text()
    for word in ("TODO", "FIXME", "XXX", "NotImplementedError"):
        assert word not in text


@pytest.mark.parametrize("path", SOURCES, ids=identify)
def test_no_pickle(path):
    """Pickle runs what it reads; control and model files come from outside."""
    tree = ast.parse(path.read_text())
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert not imported & {"pickle", "marshal", "shelve", "dill"}


def test_window_is_a_light_client():
    """It shows what the running SegCam sends; it takes no memory for an engine."""
    import subprocess
    import sys

    pytest.importorskip("PySide6.QtWidgets", reason="Qt cannot be used here", exc_type=ImportError)
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'ui')!r}); import segcam_ui.app; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('cv2', 'numpy', 'av', 'typer')"
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
