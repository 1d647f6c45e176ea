"""The icon in real panels: it is seen, its menu opens, what is chosen there happens."""

from __future__ import annotations

import time

import pytest
from PySide6.QtGui import QImage
from support.waiting import wait_for

from segcam.api import client
from segcam.errors import SegCamError

pytestmark = pytest.mark.models
IDLE, PANEL_PX = "#6b7280", 48
MENU_S = 2
"""The panel asks for the menu and draws it; nothing tells when it has."""
XFCONFD = "/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd"
PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="20"/>
      <property name="size" type="uint" value="40"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""


def state():
    try:
        return client.status()
    except SegCamError:
        return None


def is_paused():
    now = state()
    return now is not None and now.paused


@pytest.mark.parametrize("is_late", [False, True])
def test_panel_that_embeds_windows(session, run, hidden, is_late):
    panel = ("trayer", "--edge", "top", "--widthtype", "request", "--height", "40")
    run("openbox")
    if not is_late:
        run(*panel)
    program = hidden()
    wait_for(state)
    if is_late:
        run(*panel)
    middle = wait_for(lambda: embedded_icon(program))

    session.xdotool("mousemove", "--sync", *middle, "click", 3)
    program.click("Pause", inside="menus")
    wait_for(is_paused)
    session.xdotool("mousemove", "--sync", *middle, "click", 1)
    wait_for(lambda: program.is_open)


def test_panel_that_knows_icons_by_the_bus(session, run, hidden):
    config = session.folder / "config" / "xfce4" / "xfconf" / "xfce-perchannel-xml"
    config.mkdir(parents=True)
    (config / "xfce4-panel.xml").write_text(PANEL)
    run(XFCONFD)
    run("openbox")
    run("xfce4-panel", "--disable-wm-check")
    program = hidden()
    wait_for(state)
    middle = wait_for(lambda: found_icon(program, session))

    session.xdotool("mousemove", "--sync", *middle, "click", 3)
    time.sleep(MENU_S)
    for _ in range(5):  # open, background, camera, preset, pause
        session.xdotool("key", "--delay", 200, "Down")
    session.xdotool("key", "Return")
    wait_for(is_paused)
    session.xdotool("mousemove", "--sync", *middle, "click", 1)
    wait_for(lambda: program.is_open)


def embedded_icon(program):
    """The middle of the icon in the panel, once it is drawn and stands still."""
    place = program.ask("tray")
    if place is None:
        return None
    x, y = place["x"] + place["width"] // 2, place["y"] + place["height"] // 2
    is_drawn = len({program.pixel(x + at, y + at) for at in range(-8, 9, 2)}) > 2
    return (x, y) if is_drawn and program.ask("tray") == place else None


def found_icon(program, session):
    """The middle of the icon in the panel, once it is there: where nobody watches it is grey."""
    screen = session.folder / "screen.png"
    assert program.ask(f"grab {screen}")
    picture = QImage(str(screen))
    spots = [
        (x, y)
        for x in range(picture.width())
        for y in range(PANEL_PX)
        if picture.pixelColor(x, y).name() == IDLE
    ]
    if len(spots) < 50:
        return None
    return tuple(round(sum(along) / len(spots)) for along in zip(*spots, strict=True))
