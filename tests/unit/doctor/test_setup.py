"""The steps of segcam setup, on a simulated machine."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from support.machines import RELEASE, have_device, have_module, hold, write

from segcam.doctor.base import Machine, ask
from segcam.doctor.setup import (
    Step,
    command_for,
    left_to_the_user,
    steps,
    undoing,
    users_of_the_module,
)

ROOT = Path(__file__).parents[3]


def as_done(machine, todo):
    """The result of the steps, without root."""
    for step in todo:
        if step.title.startswith("Write"):
            target = step.title.removeprefix("Write /")
            write(
                machine,
                target,
                (ROOT / "segcam/doctor/v4l2loopback")
                .joinpath(target.removeprefix("etc/").replace("/", "-"))
                .read_text(),
            )


def test_setup_does_what_is_missing_and_then_nothing(machine):
    write(machine, "etc/os-release", "ID=debian\n")
    titles = [step.title for step in steps(machine)]
    assert titles[0] == "Install v4l2loopback"
    assert titles[-1] == "Load v4l2loopback"
    as_done(machine, steps(machine))
    have_device(machine)
    assert not steps(machine)


@pytest.mark.parametrize("state", ["output", "capture"])
def test_setup_reloads_a_module_with_other_options(machine, state):
    have_device(machine, exclusive="N")
    write(machine, "sys/class/video4linux/video10/state", f"{state}\n")
    hold(machine, 71, "ffmpeg", "/dev/video10")  # it is in use as well
    commands = [step.command for step in steps(machine)]
    assert commands[-2:] == ["modprobe -r v4l2loopback", "modprobe v4l2loopback"]


def test_setup_writes_its_files_and_undoing_removes_them(machine):
    for folder in ("etc/modprobe.d", "etc/modules-load.d"):
        machine.path(folder).mkdir(parents=True)
    assert not any("\n" in command for command in commands(machine)), "they are shown in one line"
    writing = [step for step in steps(machine) if step.title.startswith("Write")]
    as_root = Machine(root=machine.root, is_root=True)
    assert ask(command_for(writing, as_root)) == ""
    assert "exclusive_caps=1" in machine.read("etc/modprobe.d/segcam.conf")
    assert ask(command_for(undoing(machine), as_root)) == ""
    assert not machine.names("etc/modprobe.d")
    assert not undoing(machine)


@pytest.mark.parametrize(("label", "unloads"), [("SegCam", True), ("OBS Virtual Camera", False)])
def test_undoing_leaves_the_devices_of_other_programs(machine, label, unloads):
    have_device(machine, label=label)
    assert [step.command for step in undoing(machine)] == ["modprobe -r v4l2loopback"] * unloads


def test_setup_lets_a_user_outside_of_the_group_open_cameras(machine):
    outside = Machine(machine.root, machine.release, {}, machine.home, frozenset(), False)
    assert any("usermod -aG video" in step.command for step in steps(outside))
    assert not any("usermod" in step.command for step in steps(machine))


def test_steps_stop_at_the_first_that_fails(machine):
    todo = [Step("", "false"), Step("", "echo reached")]
    assert ask(command_for(todo, Machine(is_root=True))) is None


@pytest.mark.parametrize(("step", "status"), [("true", 0), ("exit 126", 1), ("no-such-program", 1)])
def test_the_status_of_a_step_is_none_of_those_of_pkexec(step, status):
    command = command_for([Step("", step)], Machine(is_root=True))
    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == status


def commands(machine):
    return [step.command for step in steps(machine)]


def test_setup_brings_the_headers_that_the_module_is_built_with(machine):
    write(machine, "etc/os-release", "ID=ubuntu\n")
    assert f"linux-headers-{RELEASE}" in commands(machine)[0]
    assert commands(machine)[0].endswith("apt-get install -y v4l2loopback-dkms")


@pytest.mark.parametrize(
    ("distribution", "headers", "build"),
    [
        ("debian", "apt-get install -y linux-headers-6.12.9-1-lts || true", "dkms autoinstall -k"),
        ("fedora", "dnf install -y kernel-devel-6.12.9-1-lts || true", "akmods --force --kernels"),
        ("arch", "pacman -S --noconfirm --needed linux-lts-headers || true", "dkms autoinstall -k"),
    ],
)
def test_setup_asks_nothing_while_it_installs(machine, distribution, headers, build):
    write(machine, "etc/os-release", f"ID={distribution}\n")
    machine = replace(machine, release="6.12.9-1-lts")
    if distribution == "fedora":
        assert "rpmfusion-free-release" in commands(machine)[0]
        write(machine, "etc/yum.repos.d/rpmfusion-free.repo")
    assert commands(machine)[0].startswith(headers)
    have_module(machine, "6.1.0")
    assert commands(machine)[0] == f"{headers}; {build} 6.12.9-1-lts"


def test_setup_keeps_options_that_the_user_has_added_to(machine):
    have_device(machine)
    text = 'options v4l2loopback devices=2 card_label="SegCam","OBS" exclusive_caps=1,1\n'
    write(machine, "etc/modprobe.d/segcam.conf", text)
    write(machine, "etc/modules-load.d/segcam.conf", "v4l2loopback\n")
    assert not steps(machine)
    have_device(machine, exclusive="N")  # they do not work
    assert "Write /etc/modprobe.d/segcam.conf" in [step.title for step in steps(machine)]


def test_setup_builds_the_module_of_another_kernel_for_this_one(machine):
    write(machine, "etc/os-release", "ID=debian\n")
    have_module(machine, "6.1.0-9-amd64")
    assert f"dkms autoinstall -k {RELEASE}" in commands(machine)[0]
    assert "sudo" not in commands(machine)[0]


def test_setup_leaves_what_needs_a_password_and_a_restart_to_the_user(machine):
    have_module(machine, content=b"code")
    write(machine, "sys/firmware/efi/efivars/SecureBoot-8be4df61", b"\6\0\0\0\1")
    assert not any("modprobe v4l2loopback" in command for command in commands(machine))
    (left,) = left_to_the_user(machine)
    assert "mokutil --import" in left


def test_setup_does_not_unload_a_module_that_is_in_use(machine):
    have_device(machine, exclusive="N")
    assert users_of_the_module(steps(machine), machine) == []
    write(machine, "proc/71/comm", "zoom")
    machine.path("proc/71/fd").mkdir()
    machine.path("proc/71/fd/5").symlink_to("/dev/video10")
    assert users_of_the_module(steps(machine), machine) == ["zoom"]
    assert users_of_the_module(undoing(machine), machine) == ["zoom"]


def test_setup_tells_what_to_install_on_a_system_that_it_does_not_know(machine):
    write(machine, "etc/os-release", "ID=void\n")
    assert not any("modprobe v4l2loopback" in command for command in commands(machine))
    (left,) = left_to_the_user(machine)
    assert "Install v4l2loopback-dkms" in left
    write(machine, "etc/os-release", "ID=debian\n")
    assert not left_to_the_user(machine)


@pytest.mark.parametrize("groups", [{"video"}, {"video", "render"}])
def test_setup_lets_a_user_outside_of_the_group_use_the_gpu(machine, monkeypatch, groups):
    write(machine, "dev/dri/renderD128")
    monkeypatch.setattr(Machine, "may_use", lambda *_: False)
    outside = replace(machine, groups=frozenset(groups))
    assert any("-aG render" in command for command in commands(outside)) == ("render" not in groups)
