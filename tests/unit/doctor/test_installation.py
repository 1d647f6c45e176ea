"""Whether all of SegCam is here, and whether there is more than one."""

from dataclasses import replace
from importlib.metadata import PathDistribution

import pytest
from support.machines import asking, codes, states, write

from segcam import launch
from segcam.doctor import installation


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The library of a package, which pip has written down with its size."""
    library = tmp_path / "site/cv2/cv2.abi3.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"code")
    about = tmp_path / "site/opencv.dist-info"
    about.mkdir()
    (about / "RECORD").write_text("cv2/cv2.abi3.so,sha256=x,4\ncv2/__init__.py,sha256=x,9\n")
    monkeypatch.setattr(installation, "distribution", lambda _: PathDistribution(about))
    return library


def test_a_whole_installation_is_not_complained_of(machine):
    assert not codes(installation.check_parts(machine))


@pytest.mark.parametrize(
    "damage", [lambda file: file.write_bytes(b"co"), lambda file: file.unlink()]
)
def test_a_cut_or_missing_library_is_named(machine, package, damage):
    assert not installation.damaged(["opencv"])
    damage(package)
    (finding, *_) = installation.check_parts(machine)
    assert (finding.code, finding.state) == ("install.incomplete", "fault")
    assert "opencv-python-headless" in finding.title
    assert "own/python -m pip install --force-reinstall" in finding.cure


def test_a_missing_package_is_damaged():
    assert installation.damaged(["there-is-no-such-package"]) == ["there-is-no-such-package"]


@pytest.mark.parametrize(
    ("state", "told"), [("half-installed", True), ("unpacked", True), ("installed", False)]
)
def test_an_interrupted_installation_of_the_package_is_told(machine, state, told):
    found = states(installation.check_parts(asking(machine, {"dpkg-query": state})))
    assert found == ({"install.interrupted": "fault"} if told else {})


def have_program(machine, folder):
    program = write(machine, f"{folder}/segcam")
    program.chmod(0o755)
    return program


def test_another_segcam_is_named_with_its_version(machine):
    own = have_program(machine, "home/anna/.local/bin")
    have_program(machine, "usr/bin")
    machine = replace(asking(machine, {}), program=own, ask=lambda _: "segcam 0.0.9\n")
    machine.environ["PATH"] = "/usr/bin:/bin:relative"
    (finding,) = installation.check_copies(machine)
    assert finding.code == "install.several"
    assert f"{machine.path('usr/bin/segcam')} (segcam 0.0.9)" in finding.title


def test_a_link_to_the_same_segcam_is_no_other(machine):
    own = have_program(machine, "usr/lib/segcam")
    machine.path("usr/bin").mkdir(parents=True)
    machine.path("usr/bin/segcam").symlink_to(own)
    assert not codes(installation.check_copies(replace(machine, program=own)))


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (installation.UNIT, 'ExecStart="/opt/old/segcam" "run" "--service"'),
        (installation.DESKTOP, 'Exec="/opt/old/segcam" "run"'),
    ],
)
def test_a_start_at_login_of_a_program_that_is_gone_is_told(machine, file, line):
    write(machine, f"home/anna/{file}", f"[x]\n{line}\n")
    assert states(installation.check_autostart(machine)) == {"install.autostart": "note"}
    have_program(machine, "opt/old")
    assert not codes(installation.check_autostart(machine))


def test_a_frozen_folder_is_compared_with_the_list_that_it_was_made_with(machine, monkeypatch):
    monkeypatch.setattr(launch, "is_frozen", lambda: True)
    frozen = replace(machine, program=machine.path("opt/segcam/segcam"))
    assert codes(installation.check_parts(frozen)) == ["install.incomplete"]  # there is no list
    library = write(machine, "opt/segcam/_internal/cv2/cv2.abi3.so", "code")
    write(machine, f"opt/segcam/{installation.SIZES}", "4 _internal/cv2/cv2.abi3.so\n")
    assert not codes(installation.check_parts(frozen))
    library.write_text("co")
    (finding,) = installation.check_parts(frozen)
    assert "cv2.abi3.so" in finding.title
    assert finding.cure.startswith("Install SegCam again")
