"""The tray icon and the panel that shows it."""

from segcam_ui import tray


def test_x11_tray_that_appears_later_gets_the_icon(make_desktop, segcam, eventually, monkeypatch):
    there = []
    monkeypatch.setattr(tray, "_has_place", lambda: bool(there))
    desktop = make_desktop()
    eventually(lambda: desktop.remote.state is not None)
    assert not desktop.tray.is_there
    there.append(1)

    eventually(lambda: desktop.tray.is_there)
