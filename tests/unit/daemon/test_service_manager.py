"""What systemd hears of SegCam."""

import os
import socket
import sys

import pytest

from segcam.daemon.service_manager import ServiceManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no systemd")


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Gives all that was sent to systemd since the last call."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)

        def told():
            heard = []
            try:
                while True:
                    heard.append(systemd.recv(4096).decode())
            except BlockingIOError:
                return heard

        yield told


def test_only_a_healthy_segcam_resets_the_watchdog(told, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    manager = ServiceManager()
    manager.ready("running")
    assert told() == ["READY=1\nSTATUS=running"]
    manager.alive(healthy=False)
    assert told() == []
    manager.alive(healthy=True)
    assert told() == ["WATCHDOG=1"]
    manager.stopping()
    assert told() == ["STOPPING=1"]


def test_without_a_watchdog_nothing_resets_it(told):
    ServiceManager().alive(healthy=True)
    assert told() == []


def test_children_are_not_the_service(told, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    ServiceManager()
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & os.environ.keys()


def test_systemd_that_is_gone_stops_nothing(told, tmp_path):
    manager = ServiceManager()
    (tmp_path / "notify").unlink()
    manager.ready("running")
    manager.stopping()
