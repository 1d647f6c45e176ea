"""Rules for the systems on which SegCam is not developed."""

import configparser
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Patched last, after the standard library and the dependencies have chosen the system.
AS_ELSEWHERE = """
import importlib, json, pkgutil, sys
import asyncio, av, ctypes, cv2, filelock, jeepney, logging.handlers, multiprocessing.connection
import click, numpy, onnx, platformdirs, rich.console, subprocess, tempfile, tomlkit
import segcam
packages, unix = [segcam], json.loads(sys.argv[2])
if sys.argv[3] == "with the window":
    import PySide6.QtWidgets, segcam_ui
    packages.append(segcam_ui)
sys.platform = sys.argv[1]
for module in unix:
    sys.modules[module] = None
own = json.loads(sys.argv[4])
for package in packages:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name not in own and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
            print(found.name)
"""
UNIX = {
    "win32": ["fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"],
    "darwin": [],
}


def own_modules():
    """Modules that run only on Linux, from the type check for other systems."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "packaging" / "mypy-elsewhere.ini")
    (section,) = (name for name in parser if parser[name].get("ignore_errors"))
    names = [name.removeprefix("mypy-").removesuffix(".*") for name in section.split(",")]
    return names + [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in names
        for path in (ROOT / name.replace(".", "/")).glob("[a-z]*.py")
    ]


def window():
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError:
        return "without it"
    return "with the window"


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_every_module_can_be_imported_where_there_is_no_linux(platform):
    arguments = [platform, json.dumps(UNIX[platform]), window(), json.dumps(own_modules())]
    done = subprocess.run(
        [sys.executable, "-c", AS_ELSEWHERE, *arguments],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'ui'}", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "segcam.daemon.lock" in done.stdout.split()
    assert "segcam.v4l2.device" not in done.stdout.split()


def test_what_is_linuxs_alone_is_there():
    for name in own_modules():
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name
