"""``segcam setup`` says what prevented it."""

import pytest

from segcam.cli.setup import run_as_root
from segcam.errors import SegCamError


@pytest.fixture
def pkexec(tmp_path, monkeypatch):
    """The system's way to be root, which ends with this status after saying this."""

    def make(status, said=""):
        script = tmp_path / "pkexec"
        script.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {status}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return make


@pytest.mark.parametrize(
    ("status", "cause", "cure"),
    [(126, "password was closed", "Try again"), (127, "did not let you be root", "segcam setup")],
)
def test_a_refusal_of_the_system_is_told_in_words(pkexec, capfd, status, cause, cure):
    pkexec(status, "Error executing command as another user: Request dismissed")
    with pytest.raises(SegCamError, match="Nothing was changed") as told:
        run_as_root(["pkexec", "true"])
    assert cause in told.value.message
    assert cure in told.value.hint


def test_the_last_line_of_a_failed_step_is_the_cause(pkexec, capfd):
    pkexec(1, "E: Unable to locate package v4l2loopback-dkms")
    with pytest.raises(SegCamError, match="Not everything") as told:
        run_as_root(["pkexec", "true"])
    assert told.value.message == "E: Unable to locate package v4l2loopback-dkms"
    assert "Unable to locate" in capfd.readouterr().err, "it is shown as well"


def test_without_a_word_the_status_is_the_cause(pkexec):
    pkexec(3)
    with pytest.raises(SegCamError, match="Not everything") as told:
        run_as_root(["pkexec", "true"])
    assert "status 3" in told.value.message
