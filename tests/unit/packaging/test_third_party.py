"""No package is installed whose licence is not told."""

import ctypes
import sys
from email.message import Message
from pathlib import Path

import av
import pytest
from support.scripts import load

ROOT = Path(__file__).parents[3]
LIBRARIES = Path(av.__file__).parents[1] / "av.libs"
"""Where PyAV's wheel for Linux has FFmpeg."""
OPENCVS = LIBRARIES.with_name("opencv_python_headless.libs")


@pytest.fixture(scope="module")
def third_party():
    return load("packaging/third_party.py")


def test_the_page_is_current(third_party):
    assert third_party.PAGE.read_text() == third_party.page(), "run: make docs"


def test_every_locked_package_has_a_licence(third_party):
    names = third_party.locked("runtime.txt") + third_party.locked("dev.txt")
    assert len(names) > 40
    assert {"av", "numpy", "pytest"} < set(names)
    for name in names:
        assert third_party.licence(name), name


@pytest.mark.parametrize("text", ["as you like", "UNKNOWN"])
def test_a_package_that_tells_no_licence_is_refused(third_party, monkeypatch, text):
    told = Message()
    told["License"] = text
    monkeypatch.setattr(third_party, "metadata", lambda _: told)
    with pytest.raises(LookupError):
        third_party.licence("numpy")


@pytest.mark.skipif(sys.platform != "linux" or not LIBRARIES.is_dir(), reason="another build of av")
def test_what_the_page_says_of_ffmpegs_build_is_so():
    """docs/licences.md draws conclusions from it."""
    codecs = ctypes.CDLL(str(next(LIBRARIES.glob("libavcodec-*"))))
    codecs.avcodec_configuration.restype = codecs.avcodec_license.restype = ctypes.c_char_p
    options = codecs.avcodec_configuration().decode().split()
    assert {"--enable-version3", "--enable-libx264", "--enable-libx265"} <= set(options)
    assert "--enable-gpl" not in options
    assert codecs.avcodec_license() == b"LGPL version 3 or later"
    assert all(list(LIBRARIES.glob(f"{name}-*")) for name in ("libx264", "libx265"))


@pytest.mark.skipif(sys.platform != "linux" or not OPENCVS.is_dir(), reason="another build of cv2")
def test_what_the_page_says_of_opencvs_ffmpeg_is_so():
    import cv2  # noqa: F401 (loads what it needs)

    codecs = ctypes.CDLL(str(next(OPENCVS.glob("libavcodec-*"))))
    codecs.avcodec_license.restype = ctypes.c_char_p
    assert codecs.avcodec_license() == b"LGPL version 2.1 or later"
    assert not list(OPENCVS.glob("libx26*"))
