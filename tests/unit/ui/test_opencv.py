"""OpenCV's wheel with a window system of its own."""

import pytest
from segcam_ui import opencv


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Installed as pip does it."""
    folder = tmp_path / "opencv_python-5.0.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: opencv-python\nVersion: 5.0.0\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_wheel_is_found_by_its_name(wheel):
    assert "headless" in opencv.find_clash().hint


def test_headless_one_is_no_trouble():
    assert opencv.find_clash() is None


def test_its_qt_is_forgotten_and_others_stay():
    environment = {
        "QT_QPA_PLATFORM_PLUGIN_PATH": "/lib/cv2/qt/plugins",
        "QT_QPA_FONTDIR": "/usr/share/fonts",
    }
    opencv.forget_its_qt(environment)
    assert environment == {"QT_QPA_FONTDIR": "/usr/share/fonts"}


def test_window_says_so_once(wheel, make_desktop, segcam, eventually):
    desktop = make_desktop()
    line = desktop.window.main.status
    eventually(lambda: "OpenCV" in line.shown.text)
    assert line.shown.action == "doctor"
    again = make_desktop()
    eventually(lambda: again.remote.state is not None)
    assert "OpenCV" not in again.window.main.status.shown.text
