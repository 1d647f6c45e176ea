"""Packages are named as the user's distribution names them."""

import pytest

from segcam import distribution

RELEASES = {
    "debian": "ID=debian\n",
    "ubuntu": "ID=ubuntu\nID_LIKE=debian\n",
    "mint": 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
    "fedora": "ID=fedora\n",
    "rocky": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "arch": "ID=arch\n",
    "manjaro": "ID=manjaro\nID_LIKE=arch\n",
    "opensuse": 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
}


@pytest.fixture
def system(tmp_path):
    def of(name):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / "etc/os-release").write_text(RELEASES[name])
        return tmp_path

    return of


@pytest.mark.parametrize(
    ("name", "family"),
    [
        *((name, "debian") for name in ("debian", "ubuntu", "mint")),
        *((name, "fedora") for name in ("fedora", "rocky")),
        *((name, "arch") for name in ("arch", "manjaro")),
        ("opensuse", ""),
    ],
)
def test_relatives_of_a_distribution_are_of_its_family(system, name, family):
    assert distribution.family(system(name)) == family


@pytest.mark.parametrize(
    ("name", "package", "cure"),
    [
        ("debian", "libvulkan1", "sudo apt-get install libvulkan1"),
        ("fedora", "libvulkan1", "sudo dnf install vulkan-loader"),
        ("rocky", "mesa-vulkan-drivers", "sudo dnf install mesa-vulkan-drivers"),
        ("manjaro", "libvulkan1", "sudo pacman -S vulkan-icd-loader"),
        ("debian", "firmware-amd-graphics", "sudo apt-get install firmware-amd-graphics"),
        ("mint", "firmware-amd-graphics", "sudo apt-get install linux-firmware"),
        ("ubuntu", "nvidia-driver", "sudo ubuntu-drivers install"),
        ("opensuse", "libvulkan1", "Install libvulkan1 (as Debian calls it)"),
    ],
)
def test_a_package_is_installed_as_the_distribution_does_it(system, name, package, cure):
    assert distribution.install(package, root=system(name)) == cure


def test_without_a_known_release_no_command_is_guessed(tmp_path):
    assert distribution.family(tmp_path) == ""
    assert distribution.install("a", "b", root=tmp_path) == "Install a and b (as Debian calls it)"
