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
        ('ID=ubuntu\nID_LIKE="debian"\n', "sudo apt-get install v4l2loopback-dkms"),
        ("ID=fedora\n", "sudo dnf install akmod-v4l2loopback"),
        ("ID=arch\n", "sudo pacman -S v4l2loopback-dkms linux-headers"),
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
    assert f"linux-headers-{RELEASE}" in finding.cure


@pytest.mark.parametrize(
    ("secure", "content", "code"),
    [
        (b"\6\0\0\0\1", b"code", "loopback.unsigned"),
        (b"\6\0\0\0\1", b"code~Module signature appended~\n", "loopback.not-loaded"),
        (b"\6\0\0\0\0", b"code", "loopback.not-loaded"),
    ],
)
def test_secure_boot_matters_for_modules_without_a_signature(machine, secure, content, code):
    have_module(machine, content=content)
    write(machine, "sys/firmware/efi/efivars/SecureBoot-8be4df61", secure)
    assert codes(module.check(machine)) == [code]


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


def test_ubuntus_own_key_signs_its_modules(machine):
    have_module(machine, content=b"code")
    write(machine, "sys/firmware/efi/efivars/SecureBoot-8be4df61", b"\6\0\0\0\1")
    (finding,) = module.check(machine)
    assert "/var/lib/dkms/mok.pub" in finding.cure
    write(machine, "var/lib/shim-signed/mok/MOK.der")
    (finding,) = module.check(machine)
    assert "/var/lib/shim-signed/mok/MOK.der" in finding.cure
