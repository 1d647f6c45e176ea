"""The page of the first start tells what is so on this machine."""

from PySide6.QtWidgets import QLabel, QLineEdit
from unit.ui.fake_segcam import camera_trouble

DEVICE = {"kind": "camera", "in_use": False, "viewers": [], "trouble": None}


def texts(page):
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def guide(desktop):
    desktop.window.open_page("guide")
    return desktop.window.guide


def test_camera_that_was_found_is_named(desktop):
    assert "HD Pro Webcam C920" in texts(guide(desktop))


def test_pipewire_alone_leaves_some_programs_out(desktop, eventually):
    page = guide(desktop)

    eventually(lambda: page.findChild(QLineEdit).isVisible())
    assert "PipeWire" in texts(page)
    assert page.findChild(QLineEdit).text().endswith("segcam setup")


def test_device_serves_every_program(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(outputs=[{**DEVICE, "name": "/dev/video10"}])

    eventually(lambda: "Every program" in texts(page))
    assert not page.findChild(QLineEdit).isVisible()


def test_device_in_trouble_serves_nobody(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(outputs=[{**DEVICE, "name": "/dev/video10", "trouble": {"title": "gone"}}])

    eventually(lambda: "No program can select SegCam yet" in texts(page))


def test_demo_is_called_one(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(camera="demo", requested={**segcam.values, "camera": "demo"})

    eventually(lambda: "built-in demo" in texts(page))


def test_camera_that_is_missing_is_not_called_found(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(camera="webcam", phase="trouble", trouble=camera_trouble())

    eventually(lambda: camera_trouble()["title"] in texts(page))
    assert "choose another one" in texts(page)
    assert "Your camera was found" not in texts(page)


def test_first_start_has_no_way_back_and_later_ones_have(make_desktop, segcam, kept):
    kept.setValue("guided", False)
    window = make_desktop().window
    assert not window.guide.back.isVisible()
    window.guide.closed.emit()
    window.open_page("guide")
    assert window.guide.back.isVisible()


def test_no_warning_while_the_ways_are_still_being_opened(desktop, segcam, eventually):
    page = guide(desktop)
    segcam.update(outputs=[], phase="starting")
    eventually(lambda: "Checking how other programs" in texts(page))
    segcam.update(outputs=[{**DEVICE, "name": "PipeWire"}], phase="live")

    eventually(lambda: "Browsers and OBS" in texts(page))
    label = next(each for each in page.findChildren(QLabel) if "Browsers" in each.text())
    eventually(lambda: label.height() >= label.heightForWidth(label.width()))
