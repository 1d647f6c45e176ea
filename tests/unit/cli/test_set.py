"""Messages of ``segcam set``."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from unit.api.test_messages import STATE

from segcam.api import client
from segcam.cli.set import change


@pytest.fixture
def say(monkeypatch):
    """Change the background of a SegCam that is then in this state."""

    def run(**state):
        monkeypatch.setattr(client, "find", lambda name: name)
        monkeypatch.setattr(client, "change", lambda *_: replace(STATE, **state))
        result = CliRunner().invoke(change, ["--background", "blur"])
        assert result.exit_code == 0, result.output
        return " ".join((result.stdout + result.stderr).split())

    return run


def test_what_it_does_now_is_told(say):
    told = say(mirror=True)
    assert (
        "Background blur, selfie on litert-cpu, fast edges, mirrored; HD Webcam 1280x720." in told
    )
    assert "none, which shows the room, selfie" in say(background="none")


def test_while_it_starts_what_is_not_known_is_not_told(say):
    told = say(phase="starting", model="", backend="", edges="", camera="", width=0, height=0)
    assert "Background blur; SegCam is still starting." in told
