"""Runs commands under strace: which networks they use, and which files they write. Linux."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FILES = (
    "open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "mknod,mknodat"
)
CALLS = f"socket,connect,sendto,sendmsg,sendmmsg,{FILES}"
LOOKUPS = ("/etc/resolv.conf", "/etc/hosts", "io.systemd.Resolve")
"""A process that reads these resolves a name. The last is the socket of systemd's resolver."""
LIMIT_S = 240.0

_CALL = re.compile(r"^\d+ +(\w+)\((.*)")
_WRITING = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|O_TRUNC|O_APPEND")
_PATH = re.compile(r'(?:AT_FDCWD<([^>]*)>, |\d+<([^>]*)>, |^|, )"((?:[^"\\]|\\.)*)"')


def obstacle() -> str:
    """Why commands cannot be watched here, or ""."""
    if not shutil.which("strace"):
        return "strace is not installed: sudo apt-get install strace"
    done = subprocess.run(["strace", "-qq", "true"], capture_output=True, text=True, check=False)
    return f"strace may not be used here: {done.stderr.strip()}" if done.returncode else ""


@dataclass
class Watched:
    """The record of one command, with all its processes.

    Attributes:
        code: Its exit status.
        said: Its stderr.
        calls: Each system call as (name, arguments), as strace prints it.
        folder: Its working folder.
    """

    code: int
    said: str
    calls: list[tuple[str, str]]
    folder: Path

    def network(self) -> list[str]:
        """Calls that contact another machine, or resolve its address."""
        return [
            f"{name}({arguments}"
            for name, arguments in self.calls
            if "AF_INET" in arguments or any(place in arguments for place in LOOKUPS)
        ]

    def written(self) -> set[str]:
        """Absolute paths that it opened for writing, created or renamed, or tried to."""
        return {path for name, arguments in self.calls for path in self._written(name, arguments)}

    def _written(self, name: str, arguments: str) -> Iterator[str]:
        if name in ("socket", "connect", "sendto", "sendmsg", "sendmmsg"):
            return
        if name.startswith("open") and not _WRITING.search(_without_paths(arguments)):
            return
        if "O_TMPFILE" in arguments:  # has no name and disappears with its process: libffi's code
            return
        for at, folder, path in _PATH.findall(arguments.rpartition(" = ")[0] or arguments):
            yield os.path.normpath(self.folder / (at or folder) / path)


class Watch:
    """Runs commands as a user whose home is empty and whose folders are watched.

    Args:
        folder: An empty one.
        models: Copied to this user's models.
    """

    def __init__(self, folder: Path, models: Path) -> None:
        self.home, self.work, self.runtime = (folder / n for n in ("home", "work", "runtime"))
        self._records = folder / "records"
        for each in (self.home, self.work, self.runtime, self._records):
            each.mkdir()
        self.runtime.chmod(0o700)
        shutil.copytree(models, self.home / ".local" / "share" / "segcam" / "models")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/none",
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "200",
        }

    @property
    def own(self) -> tuple[str, ...]:
        """The folders in which SegCam may write."""
        home = (".cache", ".config", ".local/share", ".local/state")
        folders = [self.home / each / "segcam" for each in home]
        return (*map(str, [*folders, self.runtime / "segcam", self.work]), "/dev/", "/proc/self/")

    def start(self, name: str, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command with a record of that name."""
        watching = ("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096")
        record = ("-o", str(self._records / name), "-e", f"trace={CALLS}")
        return subprocess.Popen(
            [*watching, *record, *map(str, command)],
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, name: str, process: subprocess.Popen[str]) -> Watched:
        """Wait for the command's end; returns its record."""
        _, said = process.communicate(timeout=LIMIT_S)
        lines = (self._records / name).read_text(errors="replace").splitlines()
        calls = [(found[1], found[2]) for found in map(_CALL.match, lines) if found]
        return Watched(process.returncode, said, calls, self.work)

    def strangers(self, watched: Watched) -> list[str]:
        """Paths written outside SegCam's own folders, except folders above them."""
        above = {str(parent) for own in self.own for parent in Path(own).parents}
        return sorted(
            path
            for path in watched.written() - above
            if not path.startswith(self.own) and "/__pycache__" not in path
        )

    def left_in_home(self) -> list[str]:
        """Files in the home folder outside SegCam's folders."""
        files = (path for path in self.home.rglob("*") if not path.is_dir())
        return sorted(str(path) for path in files if not str(path).startswith(self.own))


def _without_paths(arguments: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', "", arguments)
