"""Each finding on a machine that is made for it: files below a folder in place of the system."""

import re
import resource
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.machines import (
    asking,
    codes,
    have_device,
    have_npu,
    have_pipewire,
    hold,
    states,
    write,
)

import segcam
from segcam.api import client
from segcam.doctor import (
    cameras,
    desktop,
    files,
    module,
    pipewire,
    processors,
    report,
)
from segcam.doctor.base import Machine, ask
from segcam.errors import CameraLost, DaemonError, DaemonOther, OutputUnwritable
from segcam.segment import vulkan

ROOT = Path(__file__).parents[3]


def test_pipewire_that_does_not_run_is_told(machine):
    assert codes(pipewire.check(machine)) == ["pipewire.off"]


def test_pipewire_without_session_manager_or_portal_is_told(machine, monkeypatch):
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    have_pipewire(machine, "bash")
    found = states(pipewire.check(machine))
    assert found["pipewire.session-manager"] == "fault"
    assert found["pipewire.portal"] == "note"
    machine.path("sys/module/v4l2loopback").mkdir(parents=True)  # programs see its camera anyway
    assert states(pipewire.check(machine))["pipewire.session-manager"] == "note"
    have_pipewire(machine, "wireplumber", "xdg-desktop-por")
    assert codes(pipewire.check(machine)) == ["pipewire.runs"]


def test_a_missing_library_is_told(machine, monkeypatch):
    monkeypatch.setattr(pipewire, "_loadable", lambda: False)
    have_pipewire(machine)
    assert states(pipewire.check(machine)) == {"pipewire.library": "fault"}


def test_a_machine_without_a_webcam_is_told(machine):
    have_device(machine)
    assert states(cameras.check(machine)) == {"camera.none": "fault"}


def test_a_webcam_is_one_camera_whatever_nodes_it_has(machine):
    for number in (0, 1):
        write(machine, f"sys/class/video4linux/video{number}/name", "HD Webcam")
        write(machine, f"sys/class/video4linux/video{number}/index", str(number))
        write(machine, f"dev/video{number}")
    assert codes(cameras.check(machine)) == ["camera.ready"]


@pytest.mark.parametrize(
    ("groups", "cure"),
    [((), "usermod -aG video"), (("video",), "chgrp video /dev/video0 && sudo chmod g+rw")],
)
def test_a_webcam_that_may_not_be_opened_is_told(machine, monkeypatch, groups, cure):
    write(machine, "sys/class/video4linux/video0/name", "HD Webcam")
    monkeypatch.setattr(Machine, "may_use", lambda *_: False)
    (finding,) = cameras.check(replace(machine, groups=frozenset(groups)))
    assert finding.code == "camera.forbidden"
    assert "HD Webcam" in finding.title
    assert cure in finding.cure


def test_who_has_the_webcam_is_told(machine):
    write(machine, "sys/class/video4linux/video0/name", "HD Webcam")
    write(machine, "dev/video0")
    for pid, name in ((71, "zoom"), (72, "segcam")):
        write(machine, f"proc/{pid}/comm", name)
        machine.path("proc", str(pid), "fd").mkdir()
        machine.path("proc", str(pid), "fd", "5").symlink_to("/dev/video0")
    (finding,) = cameras.check(machine)
    assert finding.code == "camera.busy"
    assert "zoom" in finding.title
    assert "segcam" not in finding.title


def test_an_npus_first_missing_part_is_named(machine, monkeypatch):
    assert "npu.none" in codes(processors.check(machine))
    have_npu(machine)
    expected = ["driver intel_vpu", "firmware", "user-space driver", "compiler"]
    given = [
        lambda: write(machine, "sys/module/intel_vpu/version"),
        lambda: write(machine, "dev/accel/accel0"),
        lambda: write(machine, "usr/lib/x86_64-linux-gnu/libze_intel_npu.so.1"),
        lambda: write(machine, "usr/lib/x86_64-linux-gnu/libnpu_driver_compiler.so"),
    ]
    for part, give in zip(expected, given, strict=True):
        finding = next(iter(processors.check(machine)))
        assert finding.code == "npu.unusable"
        assert part in finding.title
        assert finding.cure
        give()
    assert next(iter(processors.check(machine))).code == "npu.ready"
    monkeypatch.setattr(Machine, "may_use", lambda *_: False)
    finding = next(iter(processors.check(machine)))
    assert finding.code == "npu.unusable"
    assert "you may not open" in finding.title
    assert processors.JOIN in finding.cure


@pytest.mark.parametrize(
    ("vendor", "package"),
    [
        ("0x1002", "firmware-amd-graphics"),
        ("0x8086", "firmware-misc-nonfree"),
        ("0x10de", "nvidia-driver"),
    ],
)
def test_a_gpu_that_no_kernel_driver_runs_is_told(machine, vendor, package):
    assert "gpu.none" in codes(processors.check(machine))
    write(machine, "sys/bus/pci/devices/0000:01:00.0/vendor", vendor)
    write(machine, "sys/bus/pci/devices/0000:01:00.0/class", "0x020000")
    assert "gpu.none" in codes(processors.check(machine)), "a network card"
    write(machine, "sys/bus/pci/devices/0000:01:00.0/class", "0x030000")
    (finding,) = (each for each in processors.check(machine) if each.code.startswith("gpu"))
    assert finding.code == "gpu.no-driver"
    assert package in finding.cure


@pytest.mark.parametrize("software", ["lvp_icd.x86_64.json", "vk_swiftshader_icd.json"])
def test_a_gpu_without_vulkan_is_told(machine, monkeypatch, software):
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", vulkan.SOFTWARE):
        monkeypatch.delenv(name, raising=False)
    write(machine, "dev/dri/renderD128")
    write(machine, f"usr/share/vulkan/icd.d/{software}")
    assert "gpu.no-vulkan" in codes(processors.check(machine))
    write(machine, "usr/share/vulkan/icd.d/radeon_icd.x86_64.json")
    assert "gpu.no-vulkan" not in codes(processors.check(machine))


def test_an_nvidia_gpu_without_its_driver_is_told(machine):
    write(machine, "dev/dri/renderD128")
    write(machine, "sys/class/drm/renderD128/device/vendor", "0x10de\n")
    assert "gpu.nvidia-driver" in codes(processors.check(machine))
    write(machine, "proc/driver/nvidia/version", "580")
    assert "gpu.ready" in codes(processors.check(machine))


@pytest.mark.parametrize(
    ("vendor", "code"), [("0x10de", "gpu.not-installed"), ("0x8086", "npu.not-installed")]
)
def test_a_ready_gpu_without_its_extra_is_told(machine, monkeypatch, vendor, code):
    write(machine, "dev/dri/renderD128")
    write(machine, "sys/class/drm/renderD128/device/vendor", vendor)
    write(machine, "proc/driver/nvidia/version")
    assert code not in codes(processors.check(machine))
    monkeypatch.setattr(processors, "find_spec", lambda _: None)
    assert code in codes(processors.check(machine))


def test_a_gpu_that_may_not_be_opened_is_told(machine, monkeypatch):
    write(machine, "dev/dri/renderD128")
    monkeypatch.setattr(Machine, "may_use", lambda *_: False)
    assert "gpu.forbidden" in codes(processors.check(machine))


def test_a_desktop_without_a_tray_is_told(machine):
    assert codes(desktop.check_tray(machine)) == ["desktop.none"]
    machine.environ["DISPLAY"] = ":1"
    assert codes(desktop.check_tray(asking(machine, {"busctl": "org.gnome.Shell\n"}))) == [
        "desktop.no-tray"
    ]
    there = asking(machine, {"busctl": "org.kde.StatusNotifierWatcher\n"})
    assert not codes(desktop.check_tray(there))


def test_models_are_compared_with_their_cards(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path))
    assert "model.missing" in codes(files.check_models(machine))
    (tmp_path / "selfie_segmentation_landscape.tflite").write_bytes(b"another")
    assert states(files.check_models(machine))["model.corrupt"] == "fault"


def test_a_model_that_a_package_lacks_is_not_downloaded_but_installed_again(
    machine, tmp_path, monkeypatch
):
    monkeypatch.setenv("SEGCAM_MODELS", str(tmp_path))
    monkeypatch.setattr(files.launch, "is_frozen", lambda: True)
    lacking = [each for each in files.check_models(machine) if each.state == "fault"]
    assert any("selfie-landscape" in each.title for each in lacking)
    assert {(each.code, each.cure) for each in lacking} == {
        ("install.incomplete", "Install SegCam again")
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("background = 5\n", "settings.wrong"),
        ("background = \n", "settings.unreadable"),
        ("mirror = true\n", None),
    ],
)
def test_the_settings_file_is_read(machine, tmp_path, monkeypatch, text, code):
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path))
    (tmp_path / "settings.toml").write_text(text)
    assert codes(files.check_settings(machine)) == ([code] if code else [])


def test_a_home_that_is_missing_or_closed_is_told(machine, monkeypatch):
    assert not codes(files.check_room(machine))
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    assert codes(files.check_room(machine)) == ["home.read-only"]
    machine.home.rmdir()
    assert codes(files.check_room(machine)) == ["home.missing"]


def test_little_room_is_told(machine, monkeypatch):
    monkeypatch.setattr(files, "LEAST_FREE_BYTES", 1 << 60)
    assert codes(files.check_room(machine)) == ["disk.full"]


def test_opencvs_window_system_is_told(machine, monkeypatch):
    assert not codes(files.check_packages(machine))
    monkeypatch.setattr(files, "distribution", lambda name: name)
    assert codes(files.check_packages(machine)) == ["opencv.gui"]


def test_where_segcam_does_not_run_the_daemon_is_no_fault(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert states(desktop.check_daemon(machine)) == {"daemon.stopped": "ok"}


def answers(monkeypatch, answer):
    """Let the running SegCam answer so, or fail with this error."""

    def status(*_):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(client, "status", status)


def test_the_running_segcam_and_what_troubles_it_are_told(machine, monkeypatch):
    answers(monkeypatch, SimpleNamespace(pid=71, version=segcam.__version__, trouble=None))
    assert states(desktop.check_daemon(machine)) == {"daemon.runs": "ok"}
    trouble = CameraLost("No camera was found", "None is connected", "Plug one in").as_dict()
    answers(monkeypatch, SimpleNamespace(pid=71, version=segcam.__version__, trouble=trouble))
    (_, finding) = desktop.check_daemon(machine)
    assert (finding.code, finding.state) == ("daemon.trouble", "fault")
    assert (finding.title, finding.cure) == ("No camera was found", "Plug one in")


def test_a_running_segcam_of_another_version_is_told(machine, monkeypatch):
    answers(monkeypatch, SimpleNamespace(pid=71, version="0.0.9", trouble=None))
    (_, finding) = desktop.check_daemon(machine)
    assert (finding.code, finding.state) == ("daemon.other-version", "note")
    assert "0.0.9 is running" in finding.title
    answers(monkeypatch, DaemonOther("The running SegCam has a different version", "", ""))
    assert states(desktop.check_daemon(machine)) == {"daemon.other-version": "fault"}


def test_a_segcam_that_does_not_answer_is_told(machine, monkeypatch):
    answers(monkeypatch, DaemonError("SegCam does not answer", "for 5 s", "End it"))
    assert states(desktop.check_daemon(machine)) == {"daemon.silent": "fault"}


def test_a_check_that_fails_leaves_the_others(machine, monkeypatch):
    def broken(_):
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(report, "ON_LINUX", (broken,))
    monkeypatch.setattr(report, "EVERYWHERE", (files.check_room, module.check))
    assert codes(report.findings(machine)) == ["doctor.failed", "loopback.missing"]


def test_a_report_on_a_full_disk_leaves_nothing(machine, tmp_path):
    path = tmp_path / "report.json"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OutputUnwritable, match="with free space"):
            report.write_bundle(path, [], machine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()


def test_a_program_that_is_missing_or_fails_says_nothing():
    assert ask(["there-is-no-such-program"]) is None
    assert ask(["false"]) is None
    assert ask(["printf", "yes"]) == "yes"


def test_every_code_has_its_line_in_the_docs():
    sources = "".join(
        path.read_text() for path in (ROOT / "segcam/doctor").glob("*.py") if path.name != "base.py"
    )
    used = set(re.findall(r'"((?:[a-z]+)\.(?:[a-z-]+))"', sources)) - {"modules.dep", "segcam.conf"}
    assert len(used) > 35
    told = (ROOT / "docs/troubleshooting.md").read_text()
    assert not {code for code in used if f"`{code}`" not in told}


def test_a_portal_without_cameras_or_with_a_denial_is_told(machine, monkeypatch):
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    have_pipewire(machine, "wireplumber", "xdg-desktop-por")

    def answer(command):
        if "introspect" in command:
            return "org.freedesktop.portal.FileChooser interface - - -\n"
        return 'a{sas}v 2 "" 1 "no" "org.x" 1 "yes" y 0\n'

    found = {each.code: each for each in pipewire.check(replace(machine, ask=answer))}
    assert "pipewire.portal-backend" in found
    denied = found["pipewire.camera-denied"]
    assert "outside a sandbox" in denied.title
    assert denied.cure.endswith("DeletePermission sss devices camera ''")


def test_a_shell_without_a_session_is_told(machine):
    assert codes(desktop.check_session(machine)) == ["session.none"]
    machine.path("run/user/1000").mkdir(parents=True)
    assert not codes(desktop.check_session(machine))
    assert codes(desktop.check_session(replace(machine, environ={}))) == ["session.none"]


@pytest.mark.parametrize(
    ("kind", "limit", "told"),
    [
        *(("instances", "3", True), ("instances", "128", False), ("instances", "", False)),
        *(("watches", "6", True), ("watches", "7", False)),
    ],
)
def test_used_up_inotify_limits_are_told(machine, kind, limit, told):
    write(machine, f"proc/sys/fs/inotify/max_user_{kind}", limit)
    for number in range(3):
        hold(machine, 71, "systemd", "anon_inode:inotify")
        watches = "inotify wd:1 ino:2\ninotify wd:2 ino:3\n"
        write(machine, f"proc/71/fdinfo/{number}", f"pos:\t0\n{watches}")
    found = list(desktop.check_inotify(machine))
    assert codes(found) == ["system.inotify"] * told
    assert all(f"max_user_{kind}=" in each.cure for each in found)


@pytest.mark.parametrize("release", ["fedora", "arch", "opensuse-leap"])
def test_no_cure_names_debians_program_on_another_distribution(machine, monkeypatch, release):
    """Checks everything that a machine can lack at once; the .deb's own findings are Debian's."""
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", vulkan.SOFTWARE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pipewire, "_loadable", lambda: False)
    write(machine, "etc/os-release", f"ID={release}\n")
    have_pipewire(machine)
    write(machine, "dev/dri/renderD128")
    write(machine, "sys/class/drm/renderD128/device/vendor", "0x10de\n")
    shown = replace(machine, environ={**machine.environ, "DISPLAY": ":0"}, ask=lambda _: "")
    checks = (module.check, pipewire.check, processors.check, desktop.check_tray)
    findings = [finding for check in checks for finding in check(shown)]
    assert {"loopback.missing", "pipewire.library", "gpu.nvidia-driver", "gpu.no-vulkan",
            "desktop.no-tray"} <= set(codes(findings))  # fmt: skip
    assert [each for each in findings if "apt-get" in each.cure] == []
    monkeypatch.setattr(pipewire, "_loadable", lambda: True)
    assert [each for each in pipewire.check(shown) if "apt-get" in each.cure] == []
