"""The Linux distribution: how it installs a package, and what it calls it."""

from __future__ import annotations

from pathlib import Path

_NAMES = {
    "v4l2loopback-dkms": {
        "fedora": "akmod-v4l2loopback",
        "arch": "v4l2loopback-dkms linux-headers",
    },
    "libpipewire-0.3-0": {"fedora": "pipewire-libs", "arch": "libpipewire"},
    "libvulkan1": {"fedora": "vulkan-loader", "arch": "vulkan-icd-loader"},
    "mesa-vulkan-drivers": {"arch": "vulkan-radeon vulkan-intel"},
    "intel-opencl-icd": {"fedora": "intel-compute-runtime", "arch": "intel-compute-runtime"},
    "nvidia-driver": {"fedora": "akmod-nvidia", "arch": "nvidia-open"},
    "firmware-amd-graphics": {
        "ubuntu": "linux-firmware",
        "fedora": "amd-gpu-firmware",
        "arch": "linux-firmware",
    },
    "firmware-misc-nonfree": {
        "ubuntu": "linux-firmware",
        "fedora": "intel-gpu-firmware",
        "arch": "linux-firmware",
    },
}
"""Names that differ from Debian's."""
_COMMANDS = {
    "debian": "sudo apt-get install",
    "fedora": "sudo dnf install",
    "arch": "sudo pacman -S",
}
_ARCH_KERNELS = ("lts", "zen", "hardened", "rt")
_RPM_FUSION = (
    "https://mirrors.rpmfusion.org/{0}/fedora/rpmfusion-{0}-release-$(rpm -E %fedora).noarch.rpm"
)
RPM_FUSION = _RPM_FUSION.format("free")
"""Fedora's package that adds the repository with v4l2loopback."""
_UBUNTU_DRIVERS = "sudo ubuntu-drivers install"


def family(root: Path = Path("/")) -> str:
    """The package family: "debian", "fedora", "arch" or "".

    Args:
        root: Where ``etc`` is.
    """
    return next((name for name in _COMMANDS if name in _names_of(root)), "")


def install(*packages: str, root: Path = Path("/")) -> str:
    """The command that installs packages here; on an unknown distribution a sentence.

    Args:
        packages: Their names in Debian.
        root: Where ``etc`` is.
    """
    names, command = _names_of(root), _COMMANDS.get(family(root))
    if command is None:
        return f"Install {' and '.join(packages)} (as Debian calls it)"
    if packages == ("nvidia-driver",) and "ubuntu" in names:
        return _UBUNTU_DRIVERS
    wanted = " ".join([command, *(_called(package, names) for package in packages)])
    needs_fusion = packages == ("nvidia-driver",) and "fedora" in names
    if needs_fusion and not has_rpm_fusion(root, "nonfree"):
        return f"{command} {_RPM_FUSION.format('nonfree')} && {wanted}"
    return wanted


def has_rpm_fusion(root: Path, part: str = "free") -> bool:
    """Whether Fedora knows RPM Fusion's repository, "free" or "nonfree"."""
    return (root / f"etc/yum.repos.d/rpmfusion-{part}.repo").exists()


def arch_headers(release: str) -> str:
    """Arch's package with the headers of a kernel: ``linux-lts-headers`` for ``6.12.9-1-lts``."""
    kind = release.rpartition("-")[2]
    return f"linux-{kind}-headers" if kind in _ARCH_KERNELS else "linux-headers"


def _called(package: str, names: list[str]) -> str:
    known = _NAMES.get(package, {})
    return next((known[name] for name in names if name in known), package)


def _names_of(root: Path) -> list[str]:
    """The distribution and those that it is made from, its own name first."""
    try:
        text = (root / "etc/os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{values.get('ID', '')} {values.get('ID_LIKE', '')}".replace('"', "").split()
    return [*names, "debian"] if "ubuntu" in names else names
