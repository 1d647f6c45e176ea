"""What a report for others leaves out."""

import json

import pytest
from support.machines import write

from segcam.doctor import report
from segcam.doctor.base import Finding
from segcam.errors import OutputUnwritable


@pytest.fixture
def written(machine, tmp_path, monkeypatch):
    """Writes a report with these titles, and returns them as others see them."""
    monkeypatch.setenv("SEGCAM_CONFIG", str(tmp_path / "config"))
    write(machine, "etc/hostname", "annas-laptop.example.org\n")
    write(
        machine,
        "etc/passwd",
        f"root:x:0:0::/root:/bin/sh\nanna:x:9:9:Anna Jörgensen,,:{machine.home}:/bin/sh\n",
    )
    write(machine, "sys/class/video4linux/video0/name", "Anna's iPhone\n")
    write(machine, "sys/class/video4linux/video10/name", "SegCam\n")
    write(machine, "home/anna/.mozilla/firefox/x1.Work at ACME/prefs.js")

    def write_report(*titles):
        path = tmp_path / "report.json"
        path.unlink(missing_ok=True)
        report.write_bundle(path, [Finding("camera.ready", "ok", each) for each in titles], machine)
        findings = json.loads(path.read_text())["findings"]
        assert {(each["code"], each["state"]) for each in findings} == {("camera.ready", "ok")}
        return [each["title"] for each in findings]

    return write_report


@pytest.mark.parametrize(
    ("title", "seen"),
    [
        ("It belongs to anna, not to Anna Jörgensen", "It belongs to USER, not to USER"),
        ("Ask frau jörgensen", "Ask frau USER"),
        ("Annabel and susanna are others", "Annabel and susanna are others"),
        ("annas-laptop.example.org, annas-laptop", "HOST, HOST"),
        ("Anna's iPhone (/dev/video0) can be opened", "WEBCAM (/dev/video0) can be opened"),
        ("The camera SegCam is /dev/video10", "The camera SegCam is /dev/video10"),
        ("Firefox (x1.Work at ACME) does not", "Firefox (PROFILE) does not"),
        ("HOME/Pictures/child.jpg cannot be read", "~/FILE cannot be read"),
        ("HOME/.config/segcam/settings.toml", "~/.config/segcam/settings.toml"),
        ("HOME is not writable", "~ is not writable"),
        ("/media/disk/secret.mp4, /dev/v4l/by-id/x-123", "/FILE, /FILE"),
        ("/usr/lib/segcam/segcam (segcam 0.0.9)", "/usr/lib/segcam/segcam (segcam 0.0.9)"),
        ("Open chrome://flags/#x or https://x.org/y", "Open chrome://flags/#x or https://x.org/y"),
    ],
)
def test_private_words_are_replaced_and_no_others(written, machine, title, seen):
    assert written(title.replace("HOME", str(machine.home))) == [seen]


def test_what_the_settings_name_is_private_even_with_spaces(written, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/settings.toml").write_text(
        'background = "image:/srv/My children/at home.jpg"\n'
        'camera = "Uncle Bob"\nsize = "640x480"\n'
        '[presets."Talks with ACME"]\nbackground = "blur:90"\n'
    )
    assert written(
        "There is no picture /srv/My children/at home.jpg",
        "There is no camera 'Uncle Bob'",
        "The preset Talks with ACME has 640x480 and blur:90",
    ) == [
        "There is no picture SETTING",
        "There is no camera 'SETTING'",
        "The preset SETTING has 640x480 and blur:90",
    ]


def test_a_user_named_like_a_word_of_the_report_does_not_spoil_it(written, machine):
    machine.environ["USER"] = "ok"
    assert written("It is ok") == ["It is USER"]  # and the states are read as they were


def test_a_report_is_private_itself_and_replaces_no_file(machine, tmp_path):
    path = tmp_path / "report.json"
    report.write_bundle(path, [Finding("camera.ready", "ok", "")], machine)
    told = json.loads(path.read_text())
    assert told["findings"][0]["code"] == "camera.ready"
    assert "numpy" in told["packages"]
    assert "pytest-xdist" in told["packages"]  # of an extra
    assert "pluggy" not in told["packages"]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutputUnwritable, match="Choose a new file name"):
        report.write_bundle(path, [], machine)
