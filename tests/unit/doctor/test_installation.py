"""Whether all of SegCam is here, and whether there is more than one."""

from dataclasses import replace

import pytest
from support.machines import asking, codes, states, write
from support.packages import have_package

from segcam import intact, launch
from segcam.doctor import installation


@pytest.fixture
def library(tmp_path, monkeypatch):
    """The library of an installed package, which is the first that Python finds."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return have_package(tmp_path / "site")


def test_a_whole_installation_is_not_complained_of(machine):
    assert not codes(installation.check_parts(machine))


def test_a_cut_library_is_named(machine, library):
    assert not codes(installation.check_parts(machine))
    library.write_bytes(b"co")
    (finding,) = installation.check_parts(machine)
    assert (finding.code, finding.state) == ("install.incomplete", "fault")
    assert "opencv-python-headless" in finding.title
    assert "own/python -m pip install --force-reinstall" in finding.cure


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
    write(machine, f"opt/segcam/{intact.SIZES}", "4 _internal/cv2/cv2.abi3.so\n")
    assert not codes(installation.check_parts(frozen))
    library.write_text("co")
    (finding,) = installation.check_parts(frozen)
    assert "cv2.abi3.so" in finding.title
    assert finding.cure.startswith("Install SegCam again")
