"""Machines made of files in a folder, which the doctor checks instead of the system."""

from dataclasses import replace

RELEASE = "6.8.0-1-amd64"


def write(machine, path, text=""):
    file = machine.path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def codes(findings):
    return [finding.code for finding in findings]


def states(findings):
    return {finding.code: finding.state for finding in findings}


def have_device(machine, label="SegCam", exclusive="Y,N", node="video10"):
    write(machine, "sys/module/v4l2loopback/version", "0.13.2\n")
    write(machine, "sys/module/v4l2loopback/parameters/exclusive_caps", exclusive)
    write(machine, f"sys/class/video4linux/{node}/name", f"{label}\n")
    write(machine, f"sys/class/video4linux/{node}/max_openers", "10")
    return write(machine, f"dev/{node}")


def have_module(machine, release=RELEASE, content=b"", ending=""):
    name = f"updates/dkms/v4l2loopback.ko{ending}"
    write(machine, f"lib/modules/{release}/modules.dep", f"{name}: kernel/videodev.ko\n")
    write(machine, f"lib/modules/{release}/{name}", content)


def have_pipewire(machine, *programs):
    write(machine, "run/user/1000/pipewire-0")
    for number, name in enumerate(programs):
        write(machine, f"proc/{number + 10}/comm", name + "\n")


def have_npu(machine):
    write(machine, "sys/bus/pci/devices/0000:00:0b.0/vendor", "0x8086\n")
    write(machine, "sys/bus/pci/devices/0000:00:0b.0/device", "0x643e\n")


def asking(machine, answers):
    """The machine, with answers of its programs by their first word."""
    return replace(machine, ask=lambda command: answers.get(command[0]))


def hold(machine, pid, name, target):
    """Add a process that has a file open."""
    write(machine, f"proc/{pid}/comm", name)
    folder = machine.path("proc", str(pid), "fd")
    folder.mkdir(exist_ok=True)
    (folder / str(len(list(folder.iterdir())))).symlink_to(target)
