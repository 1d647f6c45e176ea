"""Several GPUs, and GPUs without a device for graphics, on a simulated machine."""

import pytest
from support.machines import codes, write

from segcam.doctor import processors


@pytest.fixture
def laptop(machine):
    """A laptop with a working GPU of Intel, and one of NVIDIA without a driver."""
    write(machine, "dev/dri/renderD128")
    write(machine, "sys/class/drm/renderD128/device/vendor", "0x8086")
    for slot, vendor in (("00:02.0", "0x8086"), ("01:00.0", "0x10de")):
        write(machine, f"sys/bus/pci/devices/0000:{slot}/vendor", vendor)
        write(machine, f"sys/bus/pci/devices/0000:{slot}/class", "0x030000")
    machine.path("sys/bus/pci/devices/0000:00:02.0/drm/renderD128").mkdir(parents=True)
    return machine


def of_gpus(machine):
    return [each for each in processors.check(machine) if each.code.startswith("gpu.")]


def test_a_second_gpu_without_a_driver_is_told(laptop):
    ready, lacking = of_gpus(laptop)[:2]
    assert (ready.code, lacking.code) == ("gpu.ready", "gpu.no-driver")
    assert "NVIDIA" in lacking.title


def test_nvidias_driver_needs_no_device_for_graphics(laptop, monkeypatch):
    write(laptop, "proc/driver/nvidia/version", "Kernel Module  580.65.06  x")
    monkeypatch.setattr(processors.cuda, "cuda_version", lambda: None)
    assert codes(of_gpus(laptop))[:2] == ["gpu.ready", "gpu.ready"]
    assert "gpu.no-driver" not in codes(of_gpus(laptop))


def test_a_gpu_that_a_virtual_machine_has_is_no_finding(laptop):
    driver = laptop.path("sys/bus/pci/drivers/vfio-pci")
    driver.mkdir(parents=True)
    laptop.path("sys/bus/pci/devices/0000:01:00.0/driver").symlink_to(driver)
    assert "gpu.no-driver" not in codes(of_gpus(laptop))


@pytest.mark.parametrize(
    ("has_repository", "cure"),
    [
        (True, "sudo dnf install akmod-nvidia, then reboot"),
        (
            False,
            "nonfree/fedora/rpmfusion-nonfree-release-$(rpm -E %fedora).noarch.rpm && sudo dnf",
        ),
    ],
)
def test_fedora_gets_nvidias_driver_from_rpm_fusion(laptop, has_repository, cure):
    write(laptop, "etc/os-release", "ID=fedora\n")
    if has_repository:
        write(laptop, "etc/yum.repos.d/rpmfusion-nonfree.repo")
    (lacking,) = (each for each in of_gpus(laptop) if each.code == "gpu.no-driver")
    assert cure in lacking.cure
