"""Starts SegCam at login: one interface for the mechanisms of all desktops.

Linux: a service of systemd's user manager, else a desktop file in the autostart folder. macOS: a
launch agent. Windows: a value of the Run key.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from segcam.errors import SegCamError
from segcam.storage import replace_file

UNIT, DESKTOP, AGENT = "segcam.service", "segcam.desktop", "org.segcam.segcam"
_CALL_S = 10.0
_TURNED_OFF = {"Hidden=true", "X-GNOME-Autostart-enabled=false"}
"""Lines that a desktop's own settings write into a `DesktopFile`."""


class Autostart(Protocol):
    """A mechanism that starts SegCam at login."""

    way: str
    """For the user: what starts SegCam, and where that is configured."""

    def is_on(self) -> bool:
        """Whether it starts SegCam."""

    def turn_on(self, command: Sequence[str]) -> None:
        """Start this command at each login.

        Raises:
            SegCamError: It cannot be arranged.
        """

    def turn_off(self) -> None:
        """Stop starting SegCam at login. Does nothing if it was off.

        Raises:
            SegCamError: It cannot be arranged.
        """


def find_autostart() -> Autostart:
    """The mechanism of this desktop."""
    if sys.platform == "win32":
        return RunKey()
    if sys.platform == "darwin":
        return LaunchAgent()
    return SystemdUnit() if _systemd_runs() else DesktopFile()


def _systemd_runs() -> bool:
    """Whether systemd manages this user's services."""
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return bool(folder) and Path(str(folder), "systemd").is_dir() and bool(_systemctl())


def _systemctl() -> str | None:
    return shutil.which("systemctl")


def config_folder() -> Path:
    """The user's configuration folder."""
    told = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(told) if os.path.isabs(told) else Path.home() / ".config"  # noqa: PTH117


def _unit_path(folder: str = "") -> Path:
    return config_folder() / "systemd/user" / folder / UNIT


def _enabled_path() -> Path:
    """The link that systemd makes for an enabled unit."""
    return _unit_path("default.target.wants")


class SystemdUnit:
    """A service of systemd's user manager: restarted after a crash, stopped at logout.

    Replaces a `DesktopFile` that was written when systemd could not be reached, as after "su".
    """

    def __init__(self) -> None:
        self._path = _unit_path()
        self.way = f"systemd user service {UNIT}"

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        return _run("is-enabled", "--quiet", UNIT) == 0 or DesktopFile().starts

    def turn_on(self, command: Sequence[str]) -> None:
        """See `Autostart.turn_on`. The user's file comes before one from a system package."""
        _write(self._path, unit_text(command))
        _require(_run("daemon-reload"))
        _require(_run("enable", "--quiet", UNIT))
        DesktopFile().delete()

    def turn_off(self) -> None:
        """See `Autostart.turn_off`. A running service keeps running."""
        if _run("is-enabled", "--quiet", UNIT) == 0:
            _require(_run("disable", "--quiet", UNIT))
        self._path.unlink(missing_ok=True)
        _run("daemon-reload")
        DesktopFile().delete()


def unit_text(command: Sequence[str]) -> str:
    """The service's file, for the command that starts SegCam."""
    return f"""\
# Written by: segcam autostart on
[Unit]
Description=SegCam, your webcam without your room
After=pipewire.service
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart={" ".join(map(_unit_quoted, command))}
ExecReload=kill -HUP $MAINPID
# Exit code 2 is a wrong option: trying again would not help.
Restart=on-failure
RestartPreventExitStatus=2
RestartSec=200ms
# A model that is fetched first takes its time.
TimeoutStartSec=300
WatchdogSec=30
# The backend's process is SegCam's own to end.
KillMode=mixed
TimeoutStopSec=10

[Install]
WantedBy=default.target
"""


def _unit_quoted(word: str) -> str:
    """A word, quoted for systemd: %, $, quotes and backslashes have a meaning."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"'


def _run(*arguments: str) -> int:
    command = [_systemctl() or "systemctl", "--user", *arguments]
    silent = subprocess.DEVNULL
    try:
        return subprocess.run(
            command, stdin=silent, stdout=silent, stderr=silent, timeout=_CALL_S, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired):
        return -1


def _require(code: int) -> None:
    if code:
        raise SegCamError(
            "systemd rejects the service",
            f"systemctl --user exited with status {code}",
            "See: systemctl --user status segcam",
        )


class DesktopFile:
    """A file in the autostart folder, which every Linux desktop reads at login.

    Also knows an enabled `SystemdUnit`, since systemd may be unreachable only now.
    """

    def __init__(self) -> None:
        self._path = config_folder() / "autostart" / DESKTOP
        self.way = str(self._path)

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        return self.starts or _enabled_path().is_symlink()

    @property
    def starts(self) -> bool:
        """Whether the file itself starts SegCam."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return not _TURNED_OFF & {*lines}

    def turn_on(self, command: Sequence[str]) -> None:
        """See `Autostart.turn_on`."""
        words = " ".join(map(_desktop_quoted, command))
        _write(
            self._path,
            "[Desktop Entry]\nType=Application\nName=SegCam\nNoDisplay=true\n"
            f"Comment=Your webcam without your room\nIcon=segcam\nExec={words}\n",
        )

    def turn_off(self) -> None:
        """See `Autostart.turn_off`."""
        for path in (self._path, _enabled_path(), _unit_path()):
            path.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)


def _desktop_quoted(word: str) -> str:
    """A word of Exec. Source: Desktop Entry Specification, "The Exec key"."""
    for special in '\\"`$':
        word = word.replace(special, f"\\{special}")
    # Then apply the file format's own escapes.
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


class LaunchAgent:
    """A file that launchd reads at login; SegCam is restarted after a crash."""

    def __init__(self) -> None:
        self._path = Path.home() / f"Library/LaunchAgents/{AGENT}.plist"
        self.way = str(self._path)

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        return self._path.is_file()

    def turn_on(self, command: Sequence[str]) -> None:
        """See `Autostart.turn_on`."""
        values = {
            "Label": AGENT,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Interactive",
        }
        import plistlib  # imports an XML parser; only macOS needs it

        _write(self._path, plistlib.dumps(values).decode())

    def turn_off(self) -> None:
        """See `Autostart.turn_off`."""
        self._path.unlink(missing_ok=True)


class RunKey:
    """A value in the registry that Windows runs at login."""

    way = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run"
    _KEY, _VALUE = r"Software\Microsoft\Windows\CurrentVersion\Run", "SegCam"

    def is_on(self) -> bool:
        """See `Autostart.is_on`."""
        if sys.platform == "win32":
            import winreg

            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._KEY) as key:
                    winreg.QueryValueEx(key, self._VALUE)
            except FileNotFoundError:
                return False
            return True
        return False

    def turn_on(self, command: Sequence[str]) -> None:
        """See `Autostart.turn_on`."""
        if sys.platform == "win32":
            import winreg

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, self._KEY) as key:
                words = subprocess.list2cmdline(list(command))
                winreg.SetValueEx(key, self._VALUE, 0, winreg.REG_SZ, words)

    def turn_off(self) -> None:
        """See `Autostart.turn_off`."""
        if sys.platform == "win32" and self.is_on():
            import winreg

            access = winreg.KEY_SET_VALUE
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._KEY, 0, access) as key:
                winreg.DeleteValue(key, self._VALUE)


def _write(path: Path, text: str) -> None:
    """Write a file completely or not at all.

    Raises:
        SegCamError: The folder cannot be written to.
    """
    try:
        replace_file(path, text.encode(), mode=0o644)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SegCamError(
            f"{path} cannot be written", reason, "Check who owns the folder"
        ) from error
