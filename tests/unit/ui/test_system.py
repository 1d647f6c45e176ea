"""Without Qt's system libraries the window says which, and SegCam runs in the terminal."""

import os

import pytest
from segcam_ui import __main__ as program
from segcam_ui import system

from segcam import distribution


def test_only_libraries_that_cannot_be_loaded_are_missing():
    assert system.missing({"libc.so.6": "libc6", "libnone.so.9": "libnone9"}) == {
        "libnone.so.9": "libnone9"
    }


@pytest.mark.parametrize(
    ("family", "cure"),
    [("debian", "sudo apt-get install libegl1"), ("fedora", "Install the missing ones")],
)
def test_missing_libraries_are_named_with_a_cure_that_fits_the_system(
    monkeypatch, capsys, family, cure
):
    started = []
    monkeypatch.setattr(system, "missing_here", lambda: {"libEGL.so.1": "libegl1"})
    monkeypatch.setattr(distribution, "family", lambda: family)
    monkeypatch.setattr(distribution, "install", lambda *names: f"sudo apt-get install {names[0]}")
    monkeypatch.setattr(os, "execve", lambda *command: started.append(command[1][-1]))
    monkeypatch.setattr("segcam_ui.app.main", lambda: 0)
    program.main()
    told = capsys.readouterr().err
    assert "libEGL.so.1" in told
    assert f"Cure: {cure}\n" in told
    assert started == ["run"]
