"""``segcam restart``, and which SegCam it means."""

import pytest
from click.testing import CliRunner
from support.states import STATE

from segcam.api import client
from segcam.api import start as life
from segcam.cli.control import restart
from segcam.errors import DaemonNotRunning, UsageError


@pytest.fixture
def done(monkeypatch):
    """What is stopped and started, by name."""
    calls = []
    monkeypatch.setattr(life, "stop", lambda name: calls.append(("stop", name)))
    monkeypatch.setattr(life, "start", lambda name: calls.append(("start", name)) or STATE)
    return calls


def find(monkeypatch, answer):
    def found(name):
        if isinstance(answer, Exception):
            raise answer
        return name or answer

    monkeypatch.setattr(client, "find", found)


def test_the_only_one_that_runs_is_restarted_though_it_has_a_name(monkeypatch, done):
    find(monkeypatch, "office")
    assert CliRunner().invoke(restart, []).exit_code == 0
    assert done == [("stop", "office"), ("start", "office")]


def test_with_none_running_the_usual_one_is_started(monkeypatch, done):
    find(monkeypatch, DaemonNotRunning("SegCam is not running", "", ""))
    assert CliRunner().invoke(restart, []).exit_code == 0
    assert done == [("start", "")]


def test_of_several_none_is_restarted_until_the_user_says_which(monkeypatch, done):
    find(monkeypatch, UsageError("Several SegCams are running", "", ""))
    assert isinstance(CliRunner().invoke(restart, []).exception, UsageError)
    assert done == []
