"""Makes the Debian package of a frozen folder: deb.py STAGE FROZEN OUTPUT.

One package serves all releases from Debian 12 and Ubuntu 24.04 on, since the folder contains
Python. It depends on the system libraries in `segcam_ui.system`.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from segcam_ui import system

import segcam
from segcam.doctor.setup import FILES as MODULE_FILES

HERE = Path(__file__).parent
BUILD = ("dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--threads-max=1", "--build")
"""A higher level of xz takes ten minutes to save a tenth of the size. The number of threads would
change the bytes."""
RENAMED = ("libglib2.0-0",)
"""Packages that were renamed for the change to 64-bit time."""


def main(stage: Path, frozen: Path, output: Path) -> None:
    """Make OUTPUT/segcam_VERSION_ARCHITECTURE.deb."""
    os.umask(0o022)  # dpkg-deb refuses control files that others cannot read
    architecture = _said(["dpkg", "--print-architecture"])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "segcam"
        fill(root, stage, frozen)
        control(root, architecture)
        name = output / f"segcam_{version()}_{architecture}.deb"
        subprocess.run([*BUILD, str(root), str(name)], check=True)


def version() -> str:
    """The package's version."""
    return f"{segcam.__version__}-1"


def fill(root: Path, stage: Path, frozen: Path) -> None:
    """Create the tree that the package installs."""
    shutil.copytree(frozen, root / "usr/lib/segcam", symlinks=True)
    shutil.copytree(stage / "packaging/linux/share", root / "usr/share")
    zsh = root / "usr/share/zsh"
    (zsh / "site-functions").rename(zsh / "vendor-completions")
    link = root / "usr/bin/segcam"
    link.parent.mkdir()
    link.symlink_to("../lib/segcam/segcam")
    _write(root / "usr/lib/systemd/user/segcam.service", unit((stage / UNIT).read_text()))
    for name, target in MODULE_FILES.items():
        _write(root / target, (stage / "segcam/doctor/v4l2loopback" / name).read_text())
    page = root / "usr/share/man/man1/segcam.1"
    _gzip(page.with_name("segcam.1.gz"), page.read_text())
    page.unlink()
    documents(root, stage)
    _set_rights(root)


UNIT = Path("packaging/linux/segcam.service")


def unit(text: str) -> str:
    """The user's service for the program that this package installs."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    start = next(i for i, line in enumerate(lines) if line.startswith("ExecStart="))
    lines[start] = "ExecStart=/usr/bin/segcam run --service"
    lines.insert(1, "Documentation=man:segcam(1)")
    return "\n".join(lines) + "\n"


def documents(root: Path, stage: Path) -> None:
    """Copyright, changes, and lintian's overrides."""
    folder = root / "usr/share/doc/segcam"
    licence = (stage / "LICENSE").read_text().strip()
    paragraphs = textwrap.indent(licence, " ", lambda _: True).replace("\n \n", "\n .\n")
    text = (HERE / "debian/copyright").read_text().replace("{licence}", paragraphs)
    _write(folder / "copyright", text)
    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))
    day = time.strftime("%a, %d %b %Y %H:%M:%S +0000", moment)
    _gzip(
        folder / "changelog.Debian.gz",
        f"segcam ({version()}) stable; urgency=medium\n\n  * Version {segcam.__version__}.\n\n"
        f" -- The SegCam authors <segcam@users.noreply.github.com>  {day}\n",
    )
    _gzip(folder / "changelog.gz", (stage / "CHANGELOG.md").read_text())
    shutil.copy(stage / "segcam/zoo/cards/NOTICE.mediapipe", folder / "NOTICE.mediapipe")
    _write(root / "usr/share/lintian/overrides/segcam", (HERE / "debian/overrides").read_text())


def control(root: Path, architecture: str) -> None:
    """The control files for dpkg."""
    kilobytes = sum(p.lstat().st_size for p in root.rglob("*")) // 1024
    text = (HERE / "debian/control").read_text()
    fields = {
        "version": version(),
        "architecture": architecture,
        "kilobytes": kilobytes,
        "libraries": ", ".join(libraries()),
    }
    _write(root / "DEBIAN/control", text.format(**fields))
    _write(root / "DEBIAN/conffiles", "".join(f"/{target}\n" for target in MODULE_FILES.values()))
    _write(root / "DEBIAN/md5sums", _sums(root))
    script = root / "DEBIAN/postinst"
    shutil.copy(HERE / "debian/postinst", script)
    script.chmod(0o755)


def libraries() -> list[str]:
    """The packages of the system libraries, with their names before and after 2024."""
    found = {**system.CORE, **system.X11, **system.WAYLAND}.values()
    return sorted(f"{name}t64 | {name}" if name in RENAMED else name for name in set(found))


def _sums(root: Path) -> str:
    """Checksums of all files except dpkg's own and those that the user may change."""
    files = [p for p in sorted((root / "usr").rglob("*")) if p.is_file() and not p.is_symlink()]
    command = ["md5sum", "--", *(str(p.relative_to(root)) for p in files)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def _set_rights(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path == root / "usr/lib/segcam/segcam"
            path.chmod(0o755 if runs else 0o644)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _gzip(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
