"""The wheel, installed by pipx in a bare system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from support.roots import USER, Root

import segcam

PICTURE = Path(segcam.__file__).parent / "source/assets/astronaut.jpg"
PROGRAM = f"/home/{USER}/.local/bin/segcam"


def test_pipx_installs_a_segcam_that_needs_no_network(root: Root, wheel: Path) -> None:
    root.run(["apt-get", "update", "-qq"])
    wanted = ["pipx", "python3-venv", "ca-certificates"]
    root.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted])
    shutil.copy(wheel, root.path / "tmp" / wheel.name)
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    variables = {"HOME": f"/home/{USER}", **pip}
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root.path / "etc/ssl/certs")
    root.run(["pipx", "install", f"/tmp/{wheel.name}[ui]"], user=USER, environment=variables)

    assert f"segcam {segcam.__version__}" in root.run([PROGRAM, "--version"], user=USER).stdout
    picture = root.path / f"home/{USER}/in/astronaut.jpg"
    picture.parent.mkdir()
    shutil.copy(PICTURE, picture)
    root.run(["chown", "-R", USER, f"/home/{USER}/in"])
    root.run(["sh", "-c", f"cd; {PROGRAM} render in out"], user=USER, network=False)
    assert list((root.path / f"home/{USER}/out").glob("*.png"))
    refused = ["sh", "-c", f"cd; {PROGRAM} render --backend openvino-cpu in again"]
    done = root.run(refused, user=USER, check=False, network=False)
    assert done.returncode == 1
    assert "segcam[npu]" in done.stderr
    share = root.path / f"home/{USER}/.local/share/pipx/venvs/segcam/share"
    if not share.is_dir():
        share = root.path / f"home/{USER}/.local/pipx/venvs/segcam/share"
    assert (share / "man/man1/segcam.1").is_file()
