"""Fresh systems of several releases, each a folder that programs are started in with chroot."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.roots import Root, base_of

HERE = Path(__file__).parents[2]
RELEASES = os.environ.get("ROOTS", "").split()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything is done on every release that ROOTS names."""
    if "root" in metafunc.fixturenames:
        metafunc.parametrize("root", RELEASES, indirect=True, scope="module")


@pytest.fixture(scope="module")
def root(request: pytest.FixtureRequest) -> Iterator[Root]:
    """A fresh system, with one user; gone afterwards."""
    if os.geteuid() or not shutil.which("debootstrap"):
        pytest.skip("needs root and: apt-get install debootstrap")
    base = base_of(request.param, HERE / "build/roots")
    folder = Path(tempfile.mkdtemp(prefix=f"{request.param}-", dir=HERE / "build/roots"))
    made = Root(folder, base)
    try:
        made.open()
        yield made
    finally:
        made.close()


def built(pattern: str) -> Path:
    """The files that make package has put into dist."""
    found = sorted((HERE / "dist").glob(pattern))
    if not found:
        pytest.skip(f"there is no dist/{pattern}: make package")
    return found[-1]


@pytest.fixture(scope="session")
def deb() -> Path:
    """The Debian package."""
    return built("segcam_*.deb")


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The wheel."""
    return built("segcam-*.whl")


@pytest.fixture(scope="session")
def older_deb(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package under the version before."""
    folder = tmp_path_factory.mktemp("older")
    subprocess.run(["dpkg-deb", "-R", str(deb), str(folder / "tree")], check=True)
    control = folder / "tree/DEBIAN/control"
    lines = control.read_text().splitlines()
    changed = ["Version: 0.0.1-1" if line.startswith("Version:") else line for line in lines]
    control.write_text("\n".join(changed) + "\n")
    package = folder / "segcam_0.0.1-1.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(folder / "tree"), str(package)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder / "tree")
    return package
