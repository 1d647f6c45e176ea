"""The Debian package as its user has it: installed, used, upgraded, damaged, removed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from support.roots import USER, Root
from support.waiting import wait_until

import segcam

PICTURE = Path(segcam.__file__).parent / "source/assets/astronaut.jpg"
SETTINGS = f"home/{USER}/.config/segcam/settings.toml"
GREEN = (0, 255, 0)


@pytest.fixture(scope="module")
def installed(root: Root, deb: Path, older_deb: Path) -> Root:
    """An older SegCam is installed, told a background, and upgraded; both by one command."""
    root.run(["apt-get", "update", "-qq"])
    install(root, older_deb)
    assert "0.0.1-1" in root.run(["dpkg-query", "-W", "segcam"]).stdout
    chosen = ["--camera", "demo", "--background", "color:#00ff00"]
    root.run(["segcam", "set", *chosen], user=USER)
    install(root, deb)
    return root


def install(root: Root, package: Path) -> None:
    shutil.copy(package, root.path / "tmp" / package.name)
    root.run(["apt-get", "install", "-y", "--no-install-recommends", f"/tmp/{package.name}"])
    (root.path / "tmp" / package.name).unlink()


def test_the_upgrade_keeps_the_settings(installed: Root) -> None:
    assert f"segcam {segcam.__version__}" in installed.run(["segcam", "--version"]).stdout
    assert "color:#00ff00" in (installed.path / SETTINGS).read_text()
    shown = installed.run(["segcam", "config"], user=USER)
    assert "color:#00ff00" in shown.stdout


def test_the_doctor_finds_the_models_and_no_fault_of_the_package(installed: Root) -> None:
    done = installed.run(["segcam", "doctor", "--json"], user=USER, check=False, network=False)
    assert done.returncode in (0, 1), done.stderr
    assert "model.verified" in done.stdout
    for code in ("model.missing", "model.corrupt", "home.", "settings.", "opencv.", "doctor."):
        assert code not in done.stdout


@pytest.mark.parametrize("backend", ["auto", "litert-cpu", "openvino-cpu"])
def test_the_room_is_replaced_without_any_network(installed: Root, backend: str) -> None:
    home = installed.path / f"home/{USER}"
    (home / "in").mkdir(exist_ok=True)
    shutil.copy(PICTURE, home / "in/astronaut.jpg")
    shutil.rmtree(home / "out", ignore_errors=True)
    green = "--background color:#00ff00"
    command = [
        "sh",
        "-c",
        f"cd; chmod -R a+rX in; segcam render --backend {backend} {green} in out",
    ]
    installed.run(["chown", "-R", USER, f"/home/{USER}"])
    installed.run(command, user=USER, network=False)
    (written,) = (home / "out").glob("*.png")
    picture = cv2.imread(str(written))
    is_green = abs(picture.astype(int) - GREEN).max(axis=2) < 30
    assert 0.1 < is_green.mean() < 0.9


def test_the_command_after_the_installation_shows_segcams_picture(installed: Root) -> None:
    """The first command installs the package; the second, segcam, opens the window."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs: apt-get install xvfb xdotool")
    display = f":{90 + os.getpid() % 900}"
    screen_command = ["Xvfb", display, "-ac", "-screen", "0", "1280x800x24"]
    screen = subprocess.Popen(screen_command, stderr=subprocess.DEVNULL)
    runtime = installed.path / "tmp/runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    installed.run(["chown", USER, "/tmp/runtime"])
    variables = {"HOME": f"/home/{USER}", "DISPLAY": display, "XDG_RUNTIME_DIR": "/tmp/runtime"}
    command = installed.command(["segcam"], user=USER, environment=variables)
    try:
        wait_until(Path(f"/tmp/.X11-unix/X{display[1:]}").exists, "the screen")
        window = subprocess.Popen(command, text=True)
        try:
            wait_until(lambda: on_display(display, *NAMED_WINDOWS), "the window", window)
            wait_until(lambda: shows_the_picture(display), "the picture", window, 180)
        finally:
            PICTURES.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(PICTURES / f"{installed.path.name}.png"), grabbed(display))
            window.terminate()
            window.wait(30)
            installed.run(["segcam", "stop"], user=USER, check=False, environment=variables)
    finally:
        screen.terminate()
        screen.wait()


NAMED_WINDOWS = ("search", "--onlyvisible", "--name", "SegCam")
PICTURES = Path(__file__).parents[2] / "build/pictures"
"""What the screens showed, to look at."""


def shows_the_picture(display: str) -> bool:
    """Whether the window shows somebody before green. The first start's page asks for Enter."""
    picture = grabbed(display)[80:480, 30:780]  # within the large picture
    if np.median(picture) > 200:  # a page of text
        on_display(display, "mousemove", "700", "560", "key", "Return")
        time.sleep(5)
    is_green = abs(picture.astype(int) - GREEN).max(axis=2) < 40
    return bool(0.2 < is_green.mean() < 0.95)


def grabbed(display: str) -> np.ndarray:
    """The screen, (H, W, 3) BGR uint8."""
    with av.open(display, format="x11grab", options={"video_size": "1280x800"}) as screen:
        return next(screen.decode(video=0)).to_ndarray(format="bgr24")


def on_display(display: str, *arguments: str) -> str:
    """What xdotool prints."""
    environment = {**os.environ, "DISPLAY": display}
    done = subprocess.run(
        ["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_the_desktop_finds_all_that_belongs_to_it(installed: Root) -> None:
    listed = installed.run(["dpkg", "-L", "segcam"]).stdout.split("\n")
    for place in (
        "/usr/bin/segcam",
        "/usr/lib/systemd/user/segcam.service",
        "/usr/share/applications/io.github.segcam.SegCam.desktop",
        "/usr/share/metainfo/io.github.segcam.SegCam.metainfo.xml",
        "/usr/share/icons/hicolor/scalable/apps/segcam.svg",
        "/usr/share/icons/hicolor/symbolic/apps/segcam-symbolic.svg",
        "/usr/share/man/man1/segcam.1.gz",
        "/usr/share/bash-completion/completions/segcam",
        "/usr/share/zsh/vendor-completions/_segcam",
        "/usr/share/fish/vendor_completions.d/segcam.fish",
        "/etc/modules-load.d/segcam.conf",
    ):
        assert place in listed
    options = installed.run(["cat", "/etc/modprobe.d/segcam.conf"]).stdout
    assert re.search(r"card_label=SegCam exclusive_caps=1$", options, re.MULTILINE)


def test_the_default_place_of_settings_may_be_missing(installed: Root) -> None:
    """No home, a home that is not there, one that cannot be written: words and no traceback."""
    for variables in ({}, {"HOME": "/nowhere"}, {"HOME": "/proc"}):
        command = ["sh", "-c", "segcam doctor; segcam status"]
        done = installed.run(command, user=USER, check=False, environment=variables)
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert done.returncode == 3  # it does not run


def test_a_half_installed_package_says_to_install_it_again(installed: Root) -> None:
    cards = installed.path / "usr/lib/segcam/_internal/segcam/zoo/cards"
    model = cards / "selfie_segmentation_landscape.tflite"
    whole = model.read_bytes()
    command = ["sh", "-c", "cd; segcam render --background blur in damaged"]
    for damage in (lambda: model.write_bytes(whole[:1000]), model.unlink):
        damage()
        done = installed.run(command, user=USER, check=False, network=False)
        assert done.returncode == 1
        assert "Install SegCam again" in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr
    model.write_bytes(whole)


def doctor(installed: Root) -> str:
    """The doctor's findings, as JSON."""
    return installed.run(["segcam", "doctor", "--json"], user=USER, check=False).stdout


def test_a_cut_library_is_named_by_the_doctor(installed: Root) -> None:
    library = next((installed.path / "usr/lib/segcam/_internal/cv2").glob("cv2.*.so"))
    whole = library.read_bytes()
    assert "install.incomplete" not in doctor(installed)
    library.write_bytes(whole[:1000])
    assert library.name in doctor(installed)
    library.write_bytes(whole)


def test_a_second_segcam_is_named_by_the_doctor(installed: Root) -> None:
    assert "install.several" not in doctor(installed)
    other = installed.path / f"home/{USER}/.local/bin/segcam"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\necho segcam 0.0.9\n")
    other.chmod(0o755)
    named = f"There is another SegCam: /home/{USER}/.local/bin/segcam (segcam 0.0.9)"
    assert named in doctor(installed)
    other.unlink()


def test_an_upgrade_that_was_interrupted_can_be_finished(installed: Root, deb: Path) -> None:
    shutil.copy(deb, installed.path / "tmp/segcam.deb")
    installed.run(["dpkg", "--unpack", "/tmp/segcam.deb"])
    assert "install.interrupted" in doctor(installed)
    shutil.rmtree(installed.path / "usr/lib/segcam/_internal/cv2")
    installed.run(["dpkg", "--install", "/tmp/segcam.deb"])
    (installed.path / "tmp/segcam.deb").unlink()
    assert "color:#00ff00" in installed.run(["segcam", "config"], user=USER).stdout


def test_purging_leaves_nothing_but_the_users_own(installed: Root) -> None:
    installed.run(["apt-get", "purge", "-y", "segcam"])
    assert (installed.path / SETTINGS).exists()
    left = {name for name in installed.files() if "segcam" in name.lower()}
    assert not {name for name in left if not name.startswith("home/")}
    known = installed.run(["dpkg-query", "-W", "-f=${db:Status-Abbrev}", "segcam"], check=False)
    assert known.stdout.strip() in ("", "un")
