"""Make what the virtual machine boots: a kernel, v4l2loopback for it and a small initramfs.

Debian's own kernel and headers are unpacked, not installed. Everything lies in build/vm (about
500 MB, made in half a minute) and is made again only where it is missing.

    python tests/vm/prepare.py 0.12.7 0.13.2 0.15.0
"""

from __future__ import annotations

import gzip
import lzma
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "vm"
KERNEL_ROOT = BUILD / "kernel"
VMLINUX = BUILD / "vmlinux"
INITRAMFS = BUILD / "initramfs.gz"
GST_REGISTRY = BUILD / "gstreamer.bin"

SUITES = {"0.12.7": "bookworm", "0.13.2": "bookworm-backports", "0.15.0": "trixie"}
"""Each supported v4l2loopback and the Debian suite that carries it."""

_PACKAGES = "qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils"
_PROGRAMS = (
    *("apt-get", "dpkg", "qemu-system-x86_64", "busybox", "cpio", "depmod", "make", "gcc-12"),
    "v4l2-ctl",
)
_QUIET = ("-qq", "-o", "APT::Sandbox::User=root")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_BOOT_MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
"""What the kernel needs to reach its root, which the host shares over 9p."""


class NotHere(SystemExit):
    """Why this machine cannot have what is to be made; ends the program, as an error."""


def main(versions: list[str]) -> None:
    """Prepare for these versions of v4l2loopback.

    Raises:
        NotHere: This is no Linux, a program is missing, or a package cannot be downloaded.
    """
    if sys.platform != "linux":
        raise NotHere("the virtual machine shares the root of a Linux")
    absent = [name for name in _PROGRAMS if not shutil.which(name)]
    if absent:
        raise NotHere(f"{', '.join(absent)} is missing. Run: apt-get install {_PACKAGES}")
    BUILD.mkdir(parents=True, exist_ok=True)
    release = _kernel()
    for version in versions:
        _loopback(version, release)
    if shutil.which("gst-inspect-1.0"):  # made here: 15 s quicker than in the guest
        environment = {**os.environ, "GST_REGISTRY": str(GST_REGISTRY)}
        subprocess.run(
            ["gst-inspect-1.0", "v4l2src"], env=environment, stdout=subprocess.DEVNULL, check=False
        )


def module_path(version: str) -> Path:
    """Path of the built v4l2loopback."""
    return BUILD / f"v4l2loopback-{version}.ko"


def kernel_release() -> str:
    """The unpacked kernel's release."""
    return next((KERNEL_ROOT / "lib" / "modules").iterdir()).name


def _kernel() -> str:
    if INITRAMFS.exists():
        return kernel_release()
    if os.geteuid() == 0:
        _apt_get("update")  # old lists name packages that are gone
    release = _newest_kernel()
    common = release.removesuffix("-amd64")
    _unpack(
        f"linux-image-{release}",
        f"linux-headers-{release}",
        f"linux-headers-{common}-common",
        f"linux-kbuild-{'.'.join(release.split('.')[:2])}",
        "linux-compiler-gcc-12-x86",
    )
    makefile = KERNEL_ROOT / "usr/src" / f"linux-headers-{release}" / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src/", f"{KERNEL_ROOT}/usr/src/", 1))
    _run("depmod", "-b", KERNEL_ROOT, release)
    image = (KERNEL_ROOT / "boot" / f"vmlinuz-{release}").read_bytes()
    VMLINUX.write_bytes(_uncompressed(image))
    _initramfs(release)
    return release


def _newest_kernel() -> str:
    text = _run("apt-cache", "depends", "linux-image-amd64")
    found = re.search(r"linux-image-(\S+-amd64)", text)
    if not found:
        raise NotHere("apt knows no linux-image-amd64. Run: apt-get update")
    return found[1]


def _unpack(*packages: str, options: tuple[str, ...] = (), into: Path = KERNEL_ROOT) -> None:
    folder = BUILD / "debs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _apt_get(*options, "download", *packages, at=folder)
    for package in folder.glob("*.deb"):
        _run("dpkg", "-x", package, into)
    shutil.rmtree(folder)


def _loopback(version: str, release: str) -> None:
    if module_path(version).exists():
        return
    folder = BUILD / f"source-{version}"
    _unpack(f"v4l2loopback-dkms={version}*", options=_suite(SUITES[version]), into=folder)
    source = folder / "usr/src" / f"v4l2loopback-{version}"
    headers = KERNEL_ROOT / "usr/src" / f"linux-headers-{release}"
    _run("make", "-s", "-C", headers, f"M={source}", "modules")
    shutil.copy(source / "v4l2loopback.ko", module_path(version))


def _suite(name: str) -> tuple[str, ...]:
    """apt's options to see this suite and no other, with lists of its own."""
    folder = BUILD / "apt" / name
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYRING}] http://deb.debian.org/debian {name} main\n")
    options = (
        *("-o", f"Dir::Etc::SourceList={sources}"),
        *("-o", "Dir::Etc::SourceParts=-"),
        *("-o", f"Dir::State::Lists={folder / 'lists'}"),
        *("-o", f"Dir::Cache={folder}"),
    )
    _apt_get(*options, "update")
    return options


def _apt_get(*words: str, at: Path = BUILD) -> None:
    try:
        _run("apt-get", *_QUIET, *words, at=at)
    except subprocess.CalledProcessError as error:
        raise NotHere(f"apt-get could not {shlex.join(words)}") from error


def _uncompressed(image: bytes) -> bytes:
    """The kernel inside a bzImage: unpacked here, it boots 3 s sooner than in the guest.

    Source: Linux, Documentation/arch/x86/boot.rst, fields setup_sects and payload_offset.
    """
    sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[(sectors + 1) * 512 + offset :][:length]
    if payload.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b"\x1f\x8b"):
        return gzip.decompress(payload)
    return image  # compressed in another way: QEMU boots the whole as well


def _initramfs(release: str) -> None:
    root = BUILD / "initramfs"
    shutil.rmtree(root, ignore_errors=True)
    (root / "bin").mkdir(parents=True)
    (root / "modules").mkdir()
    shutil.copy("/bin/busybox", root / "bin")
    shutil.copy(HERE / "initramfs-init.sh", root / "init")
    order: list[str] = []
    for module in _BOOT_MODULES:
        listing = _run("modprobe", "-d", KERNEL_ROOT, "-S", release, "-D", module)
        order += [line.split()[1] for line in listing.splitlines() if line.startswith("insmod")]
    for path in dict.fromkeys(order):
        shutil.copy(path, root / "modules")
    names = [f"/modules/{Path(path).name}" for path in dict.fromkeys(order)]
    (root / "modules" / "order").write_text("\n".join(names) + "\n")
    files = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
    archive = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"],
        cwd=root,
        input=files.encode(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    INITRAMFS.write_bytes(gzip.compress(archive, 1))


def _run(*command: str | Path, at: Path = BUILD) -> str:
    return subprocess.run(command, cwd=at, stdout=subprocess.PIPE, check=True, text=True).stdout


if __name__ == "__main__":
    main(sys.argv[1:] or list(SUITES))
