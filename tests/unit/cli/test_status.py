"""What segcam status prints of the state."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from support.states import STATE

import segcam
from segcam.api import client
from segcam.cli.status import status


@pytest.mark.parametrize(("version", "told"), [("0.0.9", True), (segcam.__version__, False)])
def test_an_update_that_needs_a_restart_is_told(monkeypatch, version, told):
    monkeypatch.setattr(client, "find", lambda name: name)
    monkeypatch.setattr(client, "status", lambda _: replace(STATE, version=version))
    printed = CliRunner().invoke(status, [], catch_exceptions=False).output
    assert "HD Webcam" in printed
    assert ("segcam restart" in printed) == told
