"""PipeWire as a desktop session has it: a bus and a folder of the test's own, nothing shared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from support.processes import bus_address
from support.waiting import listens, wait_until

PROGRAMS = ("dbus-daemon", "pipewire", "wireplumber", "gst-launch-1.0", "pw-dump")
START_S = 60


class Session:
    """PipeWire and WirePlumber, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._spawn("pipewire")
        wait_until(lambda: listens(self.folder / "pipewire-0"), "pipewire")
        self._start_wireplumber()

    def restart_wireplumber(self) -> None:
        """As after an update: PipeWire itself goes on."""
        wireplumber = self._running.pop()
        wireplumber.kill()
        wireplumber.wait()
        wait_until(lambda: "WirePlumber" not in self.dump(), "the end of wireplumber")
        self._start_wireplumber()

    def _start_wireplumber(self) -> None:
        self._spawn("wireplumber")
        wait_until(lambda: "WirePlumber" in self.dump(), "wireplumber")

    @contextmanager
    def halted(self) -> Iterator[None]:
        """PipeWire and WirePlumber answer nothing meanwhile."""
        for process in self._running:
            process.send_signal(signal.SIGSTOP)
        yield
        for process in self._running:
            process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        for process in reversed(self._running):
            process.kill()
            process.wait()
        self._running.clear()

    def dump(self) -> str:
        """Everything PipeWire knows, as pw-dump prints it."""
        return subprocess.run(["pw-dump"], stdout=subprocess.PIPE, text=True, check=False).stdout

    def _spawn(self, program: str) -> None:
        log = (self.folder / f"{program}.log").open("ab")
        with log:
            process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._running.append(process)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A running session, to which this process and its children belong."""
    absent = [program for program in PROGRAMS if not shutil.which(program)]
    if absent:
        pytest.skip(f"{', '.join(absent)} not installed")
    tmp_path.chmod(0o700)
    bus = bus_address(tmp_path / "bus")
    for name in ("XDG_RUNTIME_DIR", "HOME", "PIPEWIRE_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    registry = os.environ.get("GST_REGISTRY", str(tmp_path.parent / "gstreamer.bin"))
    monkeypatch.setenv("GST_REGISTRY", registry)
    with ExitStack() as stack:
        command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={bus}"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        daemon = stack.enter_context(subprocess.Popen(command, **silent))
        stack.callback(daemon.kill)
        wait_until(lambda: listens(tmp_path / "bus"), "dbus-daemon")
        session = Session(tmp_path)
        stack.callback(session.stop)
        session.start()
        yield session
