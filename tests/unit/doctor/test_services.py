"""Cures that start the desktop's services, which may not be installed."""

import pytest
from support.machines import have_pipewire, write

from segcam.doctor import pipewire


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("debian", "sudo apt-get install wireplumber && "),
        ("fedora", "sudo dnf install wireplumber && "),
        ("arch", "sudo pacman -S wireplumber && "),
    ],
)
def test_a_service_is_installed_before_it_is_started(machine, monkeypatch, release, command):
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    write(machine, "etc/os-release", f"ID={release}\n")
    have_pipewire(machine, "xdg-desktop-por")
    (lacking, _) = pipewire.check(machine)
    start = "systemctl --user start wireplumber"
    assert lacking.cure == command + start
    write(machine, "usr/bin/wireplumber")
    (lacking, _) = pipewire.check(machine)
    assert lacking.cure == start


def test_a_system_without_pipewire_is_told_how_to_install_it(machine):
    write(machine, "etc/os-release", "ID=debian\n")
    (off,) = pipewire.check(machine)
    assert off.cure.startswith(
        "sudo apt-get install pipewire wireplumber && systemctl --user start"
    )
