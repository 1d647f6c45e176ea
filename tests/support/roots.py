"""Systems of other releases in folders. Linux, as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

MIRRORS = {"noble": "http://archive.ubuntu.com/ubuntu", "jammy": "http://archive.ubuntu.com/ubuntu"}
DEBIAN = "http://deb.debian.org/debian"
USER = "anna"
_CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_MOUNTS = {"proc": "proc", "sys": "sysfs"}
_SHARED = ("dev", "tmp/.X11-unix")
_SCRIPTS = Path("/usr/share/debootstrap/scripts")


def base_of(release: str, folder: Path) -> Path:
    """The archive of a bare system, made by debootstrap once and kept.

    Args:
        release: The release's code name.
        folder: Where the archive is kept.
    """
    archive = folder / f"{release}.tar.zst"
    if archive.exists():
        return archive
    tree = folder / f"{release}.part"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    _debootstrap(release, tree)
    part = archive.with_suffix(".part")
    subprocess.run(["tar", "-C", str(tree), "-I", "zstd -3", "-cf", str(part), "."], check=True)
    part.rename(archive)
    shutil.rmtree(tree)
    return archive


def _debootstrap(release: str, tree: Path) -> None:
    """Fill a folder. If debootstrap does not know the release, use its neighbour's script."""
    command = ["debootstrap", "--variant=minbase"]
    ubuntu = release in MIRRORS
    if ubuntu:
        command += ["--components=main,universe"]
        if not Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg").exists():
            command += ["--no-check-gpg"]  # nothing of it leaves the folder
    script = _SCRIPTS / release
    if not script.exists():
        script = _SCRIPTS / ("gutsy" if ubuntu else "sid")
    command += [release, str(tree), MIRRORS.get(release, DEBIAN), str(script)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Root:
    """A folder with a system.

    Args:
        path: The folder, empty.
        base: The archive that fills it.
    """

    def __init__(self, path: Path, base: Path) -> None:
        self.path, self._base = path, base
        self._mounted: list[Path] = []

    def open(self) -> None:
        """Fill it, and add devices, the network's names and a user."""
        subprocess.run(
            ["tar", "-C", str(self.path), "-I", "zstd", "-xf", str(self._base)], check=True
        )
        for place, kind in _MOUNTS.items():
            self._mount(place, "-t", kind, kind)
        Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
        for place in _SHARED:
            self._mount(place, "--bind", f"/{place}")
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copy(f"/{name}", self.path / name)
        # Whatever stands between this machine and the network stands there, too.
        (self.path / _CERTIFICATES).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(f"/{_CERTIFICATES}", self.path / _CERTIFICATES)
        self.run(["useradd", "-m", "-s", "/bin/sh", USER])

    def _mount(self, place: str, *options: str) -> None:
        target = self.path / place
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *options, str(target)], check=True)
        self._mounted.append(target)

    def close(self) -> None:
        """Remove it, but nothing that is mounted in it."""
        for target in reversed(self._mounted):
            subprocess.run(["umount", "-l", str(target)], check=True)
        shutil.rmtree(self.path)

    def run(
        self,
        command: Sequence[str],
        *,
        user: str | None = None,
        check: bool = True,
        network: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the system, and wait for it.

        Args:
            command: The program and its arguments.
            user: Who runs it; root by default.
            check: Whether it must succeed.
            network: Whether it may use the network.
            environment: All its variables except PATH; HOME is the user's by default.
        """
        done = subprocess.run(
            self.command(command, user=user, network=network, environment=environment),
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def command(
        self,
        command: Sequence[str],
        *,
        user: str | None = None,
        network: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> list[str]:
        """The command that runs a program in the system; see `run`."""
        home = f"/home/{user}" if user else "/root"
        variables = {"HOME": home} if environment is None else dict(environment)
        variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables["DEBIAN_FRONTEND"] = "noninteractive"
        alone = [] if network else ["unshare", "--net"]
        who = [f"--userspec={user}:{user}"] if user else []
        clean = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
        return [*alone, "chroot", *who, str(self.path), *clean, *command]

    def files(self) -> set[str]:
        """All files except the kernel's and those that other packages change."""
        skipped = ("proc", "sys", "dev", "tmp", "var", "run")
        found = set()
        for folder, folders, names in os.walk(self.path):
            if Path(folder) == self.path:
                folders[:] = [name for name in folders if name not in skipped]
            found |= {str(Path(folder, name).relative_to(self.path)) for name in names}
        return found
