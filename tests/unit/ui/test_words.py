"""Texts of the window and the tray."""

import dataclasses

import pytest
from segcam_ui import words
from unit.ui import fake_segcam

from segcam.api.messages import State
from segcam.errors import BackendFailed, CameraNotFound, ConfigError, DeviceMissing, MediaError


@pytest.fixture
def state(qapp):
    return State.from_dict(fake_segcam._state())


def changed(state, **values):
    return dataclasses.replace(state, **values)


@pytest.mark.parametrize(
    ("values", "icon"),
    [
        ({"viewers": ["Firefox"]}, "live"),
        ({"viewers": ["preview"]}, "idle"),
        ({"viewers": []}, "idle"),
        ({"paused": True, "trouble": {"title": "x"}}, "paused"),
        ({"trouble": {"title": "x"}, "viewers": ["Firefox"]}, "trouble"),
    ],
)
def test_tray_tells_the_state_at_a_glance(state, values, icon):
    assert words.tray_state(changed(state, **values)) == icon


def test_tray_shows_trouble_while_nobody_answers(qapp):
    assert words.tray_state(None) == "trouble"


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (CameraNotFound("a"), "cameras"),
        (DeviceMissing("a"), "guide"),
        (BackendFailed("a"), "settings"),
        (ConfigError("a"), "settings"),
    ],
)
def test_trouble_has_a_cure(qapp, error, action):
    line = words.trouble_line(error.as_dict())

    assert line.action == action
    assert line.cure
    assert line.warns


def test_own_look_is_no_viewer(state):
    alone = changed(state, viewers=["preview"])

    assert words.line(alone, known=True, stopped=False).text.startswith("Only you see this")


def test_tooltip_tells_processor_rate_and_latency(state):
    tip = words.tooltip(changed(state, viewers=["Firefox"]))

    assert "Firefox is watching" in tip
    assert "CPU (LiteRT)" in tip
    assert "30 Hz" in tip
    assert "20 ms" in tip


def test_tooltip_changes_only_with_what_matters(state):
    before = words.tooltip(changed(state, stages_ms={"latency": {"p50": 21.0}}))

    assert words.tooltip(changed(state, stages_ms={"latency": {"p50": 21.9}})) == before


def test_line_never_is_empty(state):
    for given in (None, state, changed(state, phase="starting"), changed(state, paused=True)):
        for known in (True, False):
            for stopped in (True, False):
                assert words.line(given, known=known, stopped=stopped).text


def test_what_is_saved_stands_below_who_watches(state):
    saving = changed(state, viewers=["Firefox"], saving=["fast edges", "fewer frames"])
    shown = words.line(saving, known=True, stopped=False)

    assert shown.detail == "Saving processor time: simpler outline, lower frame rate"
    assert not shown.warns
    assert words.line(changed(saving, saving=[]), known=True, stopped=False).detail == ""


def test_missing_camera_is_explained_without_options_of_the_command_line(qapp):
    error = CameraNotFound("No camera was found", "None is connected", "Use --camera demo")

    line = words.trouble_line(error.as_dict())
    assert line.detail == "None is connected. Plug in a camera, or choose another one."


def test_camera_that_is_not_there_has_no_name(state):
    lost = changed(state, camera="webcam", trouble=CameraNotFound("no", "no", "no").as_dict())

    assert words.camera_name("first", lost) == "First camera"
    assert words.camera_name("first", changed(state, camera="C920")) == "C920"


def test_a_file_that_cannot_be_read_is_not_cured_by_another_camera(qapp):
    trouble = MediaError("cut.mp4 cannot be read as a video", "", "Choose another one")
    line = words.trouble_line(trouble.as_dict())
    assert line.detail == "Choose another one."
    assert line.cure == ""


def test_hint_names_settings_instead_of_options_of_the_command_line(qapp):
    said = MediaError("It cannot be converted", "", "Try another --size, or do not use --isolate")
    line = words.trouble_line(said.as_dict())
    assert line.detail == "Try another “Size”, or do not use “Model in its own process”."
    whole = MediaError("a", "", "Start it: segcam run --size 640x480")
    assert words.trouble_line(whole.as_dict()).detail == "Start it: segcam run --size 640x480."
    service = MediaError("a", "", "Run: systemctl --user start pipewire")
    assert "--user" in words.trouble_line(service.as_dict()).detail
