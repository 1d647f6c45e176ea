"""Each desktop's own way to start SegCam at login."""

import plistlib
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from segcam.api import client
from segcam.daemon import autostart
from segcam.daemon.autostart import (
    DesktopFile,
    LaunchAgent,
    RunKey,
    SystemdUnit,
    find_autostart,
    unit_text,
)
from segcam.daemon.requests import Desk
from segcam.daemon.server import Server
from segcam.errors import SegCamError

COMMAND = ["/opt/my tools/python", "-P", "-m", "segcam", "run", "--service"]
PACKAGED = Path(__file__).parents[3] / "packaging/linux/segcam.service"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path


@pytest.fixture
def systemctl(home, monkeypatch):
    """A systemd that keeps what it was asked, and does it."""
    (home / "run/systemd").mkdir(parents=True)
    asked = home / "asked"
    program = home / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> "{asked}"\n'
        f'case "$2" in is-enabled) test -e "{home}/enabled";; enable) touch "{home}/enabled";; '
        f'disable) rm "{home}/enabled";; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(home), prepend=":")
    return asked


@pytest.mark.parametrize("kind", [DesktopFile, LaunchAgent])
def test_it_is_off_until_it_is_turned_on_and_off_again(kind):
    way = kind()
    assert not way.is_on()
    way.turn_on(COMMAND)
    assert kind().is_on()
    way.turn_on(COMMAND)
    way.turn_off()
    way.turn_off()
    assert not way.is_on()


def test_systemd_gets_a_unit_and_is_asked_to_start_it_at_login(systemctl, home):
    way = find_autostart()
    assert isinstance(way, SystemdUnit)
    assert not way.is_on()
    way.turn_on(COMMAND)
    assert way.is_on()
    assert (home / "config/systemd/user/segcam.service").read_text() == unit_text(COMMAND)
    way.turn_off()
    assert not way.is_on()
    assert not (home / "config/systemd/user/segcam.service").exists()
    assert "--user daemon-reload" in systemctl.read_text()


def test_what_was_turned_on_without_systemd_does_not_stay_on_with_it(systemctl):
    DesktopFile().turn_on(COMMAND)
    assert SystemdUnit().is_on()
    SystemdUnit().turn_on(COMMAND)
    assert not DesktopFile().starts, "it is not started twice"
    DesktopFile().turn_on(COMMAND)
    SystemdUnit().turn_off()
    assert not SystemdUnit().is_on()
    assert not DesktopFile().is_on()


def test_a_unit_is_turned_off_where_systemd_cannot_be_reached(home):
    unit = home / "config/systemd/user/segcam.service"
    enabled = unit.parent / "default.target.wants/segcam.service"
    enabled.parent.mkdir(parents=True)
    unit.write_text(unit_text(COMMAND))
    enabled.symlink_to(unit)
    assert DesktopFile().is_on()
    DesktopFile().turn_off()
    assert not DesktopFile().is_on()
    assert not enabled.is_symlink()
    assert not unit.exists()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktops_own_settings_have_turned_off_is_off(home, line):
    DesktopFile().turn_on(COMMAND)
    with (home / "config/autostart/segcam.desktop").open("a") as file:
        file.write(f"{line}\n")
    assert not DesktopFile().is_on()
    DesktopFile().turn_on(COMMAND)
    assert DesktopFile().is_on()


def test_a_systemd_that_refuses_is_told(systemctl, home):
    (home / "systemctl").write_text("#!/bin/sh\nexit 5\n")
    with pytest.raises(SegCamError, match="5"):
        SystemdUnit().turn_on(COMMAND)


def test_without_systemd_the_desktop_starts_it(home):
    assert isinstance(find_autostart(), DesktopFile)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("plain", '"plain"'),
        ("with blank", '"with blank"'),
        ('a"b', r'"a\"b"'),
        ("50%", '"50%%"'),
        ("$HOME", '"$$HOME"'),
        ("a\\b", r'"a\\b"'),
    ],
)
def test_a_unit_runs_exactly_this_word(word, written):
    assert f"ExecStart={written}\n" in unit_text([word])


def test_a_desktop_file_runs_exactly_these_words(home):
    words = ["/opt/my tools/python", 'a"b', "$HOME", "back\\slash", "`id`"]
    DesktopFile().turn_on(words)
    text = (home / "config/autostart/segcam.desktop").read_text()
    line = next(each for each in text.splitlines() if each.startswith("Exec="))
    value = line.removeprefix("Exec=").replace("\\\\", "\\")  # the file's own escapes
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', value)
    assert [re.sub(r"\\(.)", r"\1", each) for each in quoted] == words


def test_launchd_gets_the_command_as_a_list(home):
    LaunchAgent().turn_on(COMMAND)
    values = plistlib.loads((home / "Library/LaunchAgents/org.segcam.segcam.plist").read_bytes())
    assert values["ProgramArguments"] == COMMAND
    assert values["RunAtLoad"] is True


@pytest.fixture
def windows(monkeypatch):
    """Windows, with a registry of one key; gives its values."""
    values = {}

    @contextmanager
    def opened(root, path, *_):
        assert (root, path) == ("user", r"Software\Microsoft\Windows\CurrentVersion\Run")
        yield values

    def find(key, name):
        if name not in key:
            raise FileNotFoundError
        return key[name], "text"

    registry = SimpleNamespace(
        HKEY_CURRENT_USER="user",
        REG_SZ="text",
        KEY_SET_VALUE="set",
        OpenKey=opened,
        CreateKey=opened,
        QueryValueEx=find,
        SetValueEx=lambda key, name, _, kind, value: key.update({name: (kind, value)}),
        DeleteValue=lambda key, name: key.pop(name),
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(autostart, "sys", SimpleNamespace(platform="win32"))
    return values


def test_windows_gets_the_command_in_its_run_key(windows):
    way = find_autostart()
    assert isinstance(way, RunKey)
    way.turn_off()
    assert not way.is_on()
    way.turn_on(COMMAND)
    assert way.is_on()
    assert windows == {"SegCam": ("text", '"/opt/my tools/python" -P -m segcam run --service')}
    way.turn_off()
    assert windows == {}


def test_a_folder_that_cannot_be_written_is_told(home):
    (home / "config").write_text("in the way")
    with pytest.raises(SegCamError, match="cannot be written"):
        DesktopFile().turn_on(COMMAND)


def test_the_packaged_unit_is_the_same_but_for_its_command():
    def directives(text):
        lines = (line.strip() for line in text.splitlines())
        return [x for x in lines if x and x[0] != "#" and not x.startswith("ExecStart=")]

    assert directives(PACKAGED.read_text()) == directives(unit_text(COMMAND))


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path):
    try:
        subprocess.run(["systemd-analyze", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "segcam.service"
    unit.write_text(unit_text(["/bin/true"]))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", unit], capture_output=True, text=True, check=False
    )
    assert "segcam" not in done.stderr, done.stderr
    assert unit.name == autostart.UNIT


def test_clients_may_ask_for_it(home):
    (home / "run").mkdir(exist_ok=True)
    with Server(Desk(None, None, None, None).requests()):
        assert client.autostart() == {"on": False, "way": DesktopFile().way}
        assert client.autostart(True)["on"]
        assert DesktopFile().is_on()
        assert not client.autostart(False)["on"]
    assert not DesktopFile().is_on()
