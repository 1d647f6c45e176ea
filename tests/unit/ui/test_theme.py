"""Colours and motion follow the system."""

import pytest
from PySide6.QtGui import QColor, QPalette
from segcam_ui import icons, theme
from segcam_ui.appearance import Appearance

PALETTES = {
    "light": ("#efefef", "#000000"),
    "white": ("#ffffff", "#1a1a1a"),
    "gnome": ("#faf9f8", "#000000"),
    "dark": ("#2a2a2e", "#f0f0f0"),
    "black": ("#000000", "#ffffff"),
}


def palette(name):
    window, text = (QColor(each) for each in PALETTES[name])
    made = QPalette(window)
    made.setColor(QPalette.ColorRole.Window, window)
    made.setColor(QPalette.ColorRole.WindowText, text)
    return made


def luminance(color):
    parts = (part / 255 for part in color.getRgb()[:3])
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", PALETTES)
def test_text_can_be_read(qapp, name):
    colors = theme.Colors(palette(name))

    for text in (colors.text, colors.dim, colors.warning):
        assert contrast(text, colors.window) >= 4.5
    assert contrast(colors.text, colors.pressed) >= 4.5


@pytest.mark.parametrize("accent", ["#3584e4", "#308cc6", "#f5c211", "#e01b24", "#000000"])
def test_text_on_the_accent_can_be_read(qapp, accent):
    made = palette("light")
    made.setColor(QPalette.ColorRole.Accent, QColor(accent))
    colors = theme.Colors(made)

    assert contrast(colors.on_accent, colors.accent) >= 3


@pytest.mark.parametrize("name", PALETTES)
def test_controls_have_edges_where_contrast_is_high(qapp, name):
    colors = theme.Colors(palette(name))

    visible = contrast(colors.edge, colors.window) >= 3
    assert visible == (name == "black")
    assert (contrast(colors.rim, colors.window) >= 3) == visible


def test_style_sheet_has_no_colour_left_out(qapp):
    assert "@" not in theme.style_sheet(theme.colors())


def test_window_follows_the_palette(desktop, qapp, eventually):
    before = qapp.palette()
    sheet = desktop.window.styleSheet()
    try:
        qapp.setPalette(palette("dark"))
        eventually(lambda: desktop.window.styleSheet() != sheet)
        assert "#f0f0f0" in desktop.window.styleSheet()
    finally:
        qapp.setPalette(before)


def test_nothing_fades_where_the_system_asks_for_no_motion(desktop, monkeypatch):
    page = desktop.window.main
    theme.fade_in(page)
    assert page.graphicsEffect() is not None
    page.setGraphicsEffect(None)
    monkeypatch.setattr(theme, "moves", lambda: False)
    theme.fade_in(page)
    assert page.graphicsEffect() is None


@pytest.mark.parametrize(
    ("key", "still", "moving"),
    [
        (("org.freedesktop.appearance", "reduced-motion"), 1, 0),
        (("org.gnome.desktop.interface", "enable-animations"), False, True),
    ],
)
def test_desktop_says_whether_anything_moves(qapp, key, still, moving):
    appearance = Appearance(qapp)
    appearance.set_value(key, still)
    assert not theme.moves()
    appearance.set_value(key, moving)
    assert theme.moves()


def test_icons_take_the_text_colour(qapp):
    picture = icons.pixmap("check", QColor("#ff0000"), 32).toImage()
    inks = {
        picture.pixelColor(x, y).name()
        for x in range(32)
        for y in range(32)
        if picture.pixelColor(x, y).alpha() == 255
    }
    assert "#ff0000" in inks
    assert "#000000" not in inks


def test_tray_icons_differ(qapp):
    states = ("live", "idle", "paused", "trouble")
    pictures = [icons.tray_icon(state).pixmap(22, 22).toImage() for state in states]

    for index, picture in enumerate(pictures):
        assert picture not in pictures[:index]
