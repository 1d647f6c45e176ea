"""Problems of v4l2loopback, on a simulated machine."""

from dataclasses import replace

import pytest
from support.machines import (
    RELEASE,
    codes,
    have_device,
    have_module,
    have_pipewire,
    hold,
    states,
    write,
)

from segcam.doctor import (
    module,
)
from segcam.doctor.base import Capabilities, Machine


@pytest.mark.parametrize(
    ("release", "cure"),
    [
        ('ID=ubuntu\nID_LIKE="debian"\n', "segcam setup"),
        ("ID=fedora\n", "segcam setup"),
        ("ID=arch\n", "segcam setup"),
        ("ID=void\n", "Install v4l2loopback-dkms (as Debian calls it)"),
    ],
)
def test_a_machine_without_the_module_is_told_how_to_install_it(machine, release, cure):
    write(machine, "etc/os-release", release)
    (finding,) = module.check(machine)
    assert (finding.code, finding.state) == ("loopback.missing", "fault")
    assert finding.cure == cure


def test_with_pipewire_a_missing_module_is_no_fault(machine):
    have_pipewire(machine)
    assert states(module.check(machine)) == {"loopback.missing": "note"}


def test_a_module_of_another_kernel_is_told_apart_from_a_missing_one(machine):
    have_module(machine, "6.1.0-9-amd64")
    (finding,) = module.check(machine)
    assert finding.code == "loopback.other-kernel"
    assert "6.1.0-9-amd64" in finding.title
    assert finding.cure == f"sudo dkms autoinstall -k {RELEASE}"
    write(machine, "etc/os-release", "ID=debian\n")
    (finding,) = module.check(machine)
    assert finding.cure == "segcam setup"


def test_a_device_of_another_name_is_not_ours(machine):
    have_device(machine, label="OBS")
    findings = list(module.check(machine))
    assert "loopback.no-device" in codes(findings)
    assert "video10 'OBS'" in findings[1].title


def test_without_exclusive_caps_chromium_lists_nothing(machine):
    have_device(machine, exclusive="N,N")
    assert states(module.check(machine))["loopback.options"] == "fault"


def test_a_device_that_may_not_be_opened_is_told(machine, monkeypatch):
    have_device(machine)
    monkeypatch.setattr(Machine, "may_use", lambda *_: False)
    assert "loopback.forbidden" in codes(module.check(machine))


def test_what_is_loaded_by_hand_is_gone_after_the_next_start(machine):
    have_device(machine)
    assert codes(module.check(machine))[-1] == "loopback.at-start"
    write(machine, "etc/modules-load.d/segcam.conf", "v4l2loopback\n")
    assert codes(module.check(machine)) == ["loopback.loaded", "loopback.device"]


@pytest.mark.parametrize("ours", [False, True])
def test_another_program_that_writes_into_segcams_device_is_named(machine, ours):
    have_device(machine)
    write(machine, "sys/class/video4linux/video10/state", "capture\n")
    hold(machine, 71, "ffmpeg", "/dev/video10")
    if ours:  # then ffmpeg only watches
        hold(machine, 72, "segcam", "/dev/video10")
    found = list(module.check(machine))
    assert ("loopback.busy" in codes(found)) != ours
    if not ours:
        assert "ffmpeg" in found[1].title


@pytest.mark.parametrize(
    ("captures", "code"), [(True, "loopback.options"), (False, "loopback.device")]
)
def test_what_the_device_itself_tells_outweighs_the_modules_options(machine, captures, code):
    have_device(machine, exclusive="Y" if captures else "N")
    able = Capabilities(captures=captures, outputs=True)
    assert code in codes(module.check(replace(machine, capabilities=lambda _: able)))


def test_the_options_of_the_second_device_are_those_in_the_second_place(machine):
    have_device(machine, exclusive="N,Y")
    write(machine, "sys/module/v4l2loopback/parameters/video_nr", "9,10,-1")
    assert "loopback.options" not in codes(module.check(machine))


def test_a_device_that_is_in_use_and_has_wrong_options_is_told_both(machine):
    have_device(machine, exclusive="N")
    write(machine, "sys/class/video4linux/video10/state", "capture\n")
    hold(machine, 71, "ffmpeg", "/dev/video10")
    found = codes(module.check(machine))
    assert found[:3] == ["loopback.loaded", "loopback.busy", "loopback.options"]
    assert "loopback.device" not in found


def test_options_of_another_program_that_hide_ours_are_named(machine):
    have_device(machine, label="OBS")
    write(machine, "etc/modprobe.d/obs.conf", "options v4l2loopback card_label=OBS\n")
    (_, finding, *_) = module.check(machine)
    assert finding.code == "loopback.no-device"
    assert "/etc/modprobe.d/obs.conf" in finding.cure
