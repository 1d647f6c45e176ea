"""The page of the first start tells what is so on this machine."""

from PySide6.QtWidgets import QLabel, QLineEdit
from segcam_ui.guide_page import as_root, command_from

NOTE = (
    "Programs that ask PipeWire for cameras see SegCam; the others need v4l2loopback. "
    "v4l2loopback is not installed. Run: sudo apt-get install v4l2loopback-dkms; then: "
    "sudo modprobe v4l2loopback video_nr=10 card_label=SegCam exclusive_caps=1."
)
DEVICE = {"kind": "camera", "in_use": False, "viewers": [], "trouble": None}


def texts(page):
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def guide(desktop):
    desktop.window.open_page("guide")
    return desktop.window.guide


def test_command_can_be_copied_and_run_in_one_go():
    assert command_from([NOTE]) == (
        "sudo apt-get install v4l2loopback-dkms && "
        "sudo modprobe v4l2loopback video_nr=10 card_label=SegCam exclusive_caps=1"
    )


def test_root_is_asked_nothing():
    assert as_root(command_from([NOTE])) == (
        "apt-get install -y v4l2loopback-dkms && "
        "modprobe v4l2loopback video_nr=10 card_label=SegCam exclusive_caps=1"
    )


def test_notes_without_a_command_give_none():
    assert command_from([]) == ""
    assert command_from(["Everything is there."]) == ""


def test_camera_that_was_found_is_named(desktop):
    assert "HD Pro Webcam C920" in texts(guide(desktop))


def test_pipewire_alone_leaves_some_programs_out(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(notes=[NOTE])

    eventually(lambda: page.findChild(QLineEdit).isVisible())
    assert "PipeWire" in texts(page)
    assert page.findChild(QLineEdit).text().startswith("sudo apt-get")


def test_device_serves_every_program(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(outputs=[{**DEVICE, "name": "/dev/video10"}])

    eventually(lambda: "Every program" in texts(page))
    assert not page.findChild(QLineEdit).isVisible()


def test_device_in_trouble_serves_nobody(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(outputs=[{**DEVICE, "name": "/dev/video10", "trouble": {"title": "gone"}}])

    eventually(lambda: "No program can see SegCam yet" in texts(page))


def test_demo_is_called_one(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(camera="demo", requested={**segcam.values, "camera": "demo"})

    eventually(lambda: "built-in demo" in texts(page))
