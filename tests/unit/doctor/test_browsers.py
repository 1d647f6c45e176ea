"""Reasons why browsers find no camera, on a simulated machine."""

import pytest
from support.machines import (
    asking,
    codes,
    have_device,
    have_pipewire,
    states,
    write,
)

from segcam.doctor import (
    browsers,
    clients,
    pipewire,
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"browser": {"enabled_labs_experiments": ["enable-webrtc-pipewire-camera@1"]}}', False),
        ('{"browser": {"enabled_labs_experiments": ["enable-webrtc-pipewire-camera@2"]}}', True),
        ('{"browser": []}', True),
        ("{", True),
    ],
)
def test_chromiums_switch_is_looked_up(machine, monkeypatch, content, told):
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    have_pipewire(machine, "wireplumber", "xdg-desktop-por")
    write(machine, "home/anna/.config/chromium/Local State", content)
    assert ("browser.chromium" in codes(browsers.check(machine))) == told
    have_device(machine)  # it is seen without the switch
    assert not codes(browsers.check(machine))


@pytest.mark.parametrize(("value", "told"), [("true", False), ("false", True)])
def test_firefoxs_switch_is_looked_up(machine, monkeypatch, value, told):
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    have_pipewire(machine, "wireplumber", "xdg-desktop-por")
    line = f'user_pref("media.webrtc.camera.allow-pipewire", {value});\n'
    write(machine, "home/anna/.mozilla/firefox/x.default/prefs.js", line)
    assert ("browser.firefox" in codes(browsers.check(machine))) == told


def test_a_snap_without_the_permission_is_told(machine):
    machine.path("snap/chromium").mkdir(parents=True)
    rows = "Interface  Plug  Slot  Notes\ncamera  chromium:camera  {}  manual\n"
    closed = asking(machine, {"snap": rows.format("-")})
    assert states(clients.check(closed)) == {"client.snap": "fault"}
    assert not codes(clients.check(asking(machine, {"snap": rows.format(":camera")})))


def test_a_flatpak_without_devices_is_told(machine):
    machine.path("var/lib/flatpak/app/us.zoom.Zoom").mkdir(parents=True)
    closed = asking(machine, {"flatpak": "[Context]\ndevices=dri;\n"})
    assert codes(clients.check(closed)) == ["client.flatpak"]
    assert not codes(clients.check(asking(machine, {"flatpak": "[Context]\ndevices=all;\n"})))


@pytest.mark.parametrize("folder", browsers.FIREFOX)
def test_browsers_in_a_sandbox_keep_their_switches_elsewhere(machine, folder):
    have_pipewire(machine)
    write(machine, f"home/anna/{folder}/x.default/prefs.js")
    assert codes(browsers.check(machine)) == ["browser.firefox"]
