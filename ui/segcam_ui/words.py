"""Describes the state of SegCam for the user, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from segcam.settings import describe
from segcam_ui.processors import processor_title

if TYPE_CHECKING:
    from segcam.api.messages import State
    from segcam.errors import SegCamError

translate = QCoreApplication.translate

_OPTION = re.compile(r"--[a-z][a-z-]*")

PREVIEW = "preview"
"""The running SegCam's name for a window that shows the live picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line about the current state, with a cure.

    Attributes:
        icon: Name of the file in ``icons/``.
        text: One sentence.
        detail: Cause and cure of a problem, else the savings in effect.
        cure: The button's text; empty: no button.
        action: The button's action: start, restart, resume, cameras, guide, settings or doctor.
        warns: Whether something is wrong.
    """

    icon: str
    text: str
    detail: str = ""
    cure: str = ""
    action: str = ""
    warns: bool = False


def others(state: State) -> list[str]:
    """The viewers, without this window."""
    return [name for name in state.viewers if name != PREVIEW]


def tray_state(state: State | None) -> str:
    """The matching tray icon: live, idle, paused or trouble."""
    if state is None:
        return "trouble"
    if state.paused:
        return "paused"
    if state.trouble:
        return "trouble"
    return "live" if others(state) else "idle"


def line(
    state: State | None, *, known: bool, stopped: bool, mismatch: SegCamError | None = None
) -> Line:
    """The line below the live picture.

    Args:
        state: The newest one; None while nobody answers.
        known: Whether there has been a state.
        stopped: Whether SegCam was ended on purpose, so that it is not restarted.
        mismatch: The error that the running SegCam has another version.
    """
    if mismatch is not None:
        return trouble_line(mismatch.as_dict())
    if state is None:
        return _absent(known, stopped)
    if state.paused:
        return Line(
            "pause",
            translate("Line", "Paused: the camera is off and others see a placeholder"),
            cure=translate("Line", "Resume"),
            action="resume",
        )
    if state.trouble:
        return trouble_line(state.trouble)
    if state.phase == "starting":
        return Line("reconnect", translate("Line", "Starting the camera …"))
    return _watched(state)


def _absent(known: bool, stopped: bool) -> Line:
    if stopped:
        return Line(
            "unwatched",
            translate("Line", "SegCam is stopped: no program can use its camera"),
            cure=translate("Line", "Start"),
            action="start",
        )
    if known:
        return Line("reconnect", translate("Line", "Reconnecting …"))
    return Line("reconnect", translate("Line", "Starting SegCam …"))


def _watched(state: State) -> Line:
    names, detail = others(state), _saving(state)
    if not names:
        if state.camera_on:
            alone = translate("Line", "Only you see this: nobody else is watching")
            return Line("watched", alone, detail)
        return Line("unwatched", translate("Line", "Camera off: nobody is watching"))
    if len(names) == 1:
        return Line("watched", translate("Line", "{} is watching").format(names[0]), detail)
    listed = translate("Line", "{} and {}").format(", ".join(names[:-1]), names[-1])
    return Line("watched", translate("Line", "{} are watching").format(listed), detail)


def _saving(state: State) -> str:
    """The steps in effect to stay inside the processor budget; usually none."""
    if not state.saving:
        return ""
    known = {
        "fast edges": translate("Line", "simpler outline"),
        "smaller model": translate("Line", "smaller model"),
        "fewer frames": translate("Line", "lower frame rate"),
    }
    steps = ", ".join(known.get(step, step) for step in state.saving)
    return translate("Line", "Saving processor time: {}").format(steps)


def trouble_line(trouble: Any) -> Line:
    """An error's dict as a line with its cure as a button."""
    code = str(trouble.get("code", ""))
    cure, action = _cure(code)
    hint = _window_hint(code) or _without_options(str(trouble.get("hint", "")))
    detail = " ".join(
        part if part[-1] in ".?!" else f"{part}."
        for part in (str(trouble.get("message", "")), hint)
        if part
    )
    return Line("trouble", str(trouble.get("title", "")), detail, cure, action, warns=True)


def _window_hint(code: str) -> str:
    """What helps, where the command line's hint names options and commands."""
    if code == "camera.not_found":
        return translate("Line", "Plug in a camera, or choose another one")
    return ""


def _without_options(hint: str) -> str:
    """A hint with the settings' titles in place of the command line's options.

    A whole command is left as it is.
    """
    if "segcam " in hint:
        return hint
    titles = {f"--{each.option}": f"“{translate('Setting', each.title)}”" for each in describe()}
    return _OPTION.sub(lambda found: titles.get(found[0], found[0]), hint)


def _cure(code: str) -> tuple[str, str]:
    """The button's text and action, by an error's code or its first part."""
    camera = translate("Line", "Choose a camera"), "cameras"
    settings = translate("Line", "Open settings"), "settings"
    check_up = translate("Line", "Check-up"), "doctor"
    cures = {
        **dict.fromkeys(("camera", "source"), camera),
        **dict.fromkeys(("model", "backend", "config"), settings),
        **dict.fromkeys(("device", "sink", "output", "dependency", "internal"), check_up),
        "device.missing": (translate("Line", "Show how"), "guide"),
        "daemon.other_version": (translate("Line", "Restart SegCam"), "restart"),
        "daemon.not_running": (translate("Line", "Start"), "start"),
    }
    return cures.get(code) or cures.get(code.partition(".")[0]) or ("", "")


def tooltip(state: State | None) -> str:
    """The tray's tooltip: what runs where, how fast, and its cost.

    Figures are rounded coarsely, so that the tooltip does not change every second.
    """
    if state is None:
        return translate("Tray", "SegCam: reconnecting …")
    first = line(state, known=True, stopped=False).text
    if not state.camera_on:
        return f"SegCam: {first}"
    return "\n".join([f"SegCam: {first}", *_figures(state)])


def _figures(state: State) -> list[str]:
    latency = state.stages_ms.get("latency", {}).get("p50")
    share = state.counters.get("cpu_percent")
    parts = [processor_title(state.backend), f"{state.rate_hz:g} Hz"]
    if latency:
        parts.append(translate("Tray", "{} ms delay").format(max(5, round(latency / 5) * 5)))
    if share is not None:
        parts.append(translate("Tray", "{} % of a processor").format(round(share / 5) * 5))
    return [" · ".join(part for part in parts if part)]


def lacks_camera(state: State) -> bool:
    """Whether there is no picture because of the camera."""
    if not state.trouble:
        return False
    return not state.camera or str(state.trouble.get("code", "")).startswith("camera.")


def camera_name(value: str, state: State | None) -> str:
    """A camera setting for the user: the open camera's name if the setting is automatic."""
    if value in ("first", "auto"):
        found = state.camera if state and not lacks_camera(state) else ""
        return found or translate("Camera", "First camera")
    if value == "demo":
        return translate("Camera", "Demo")
    if value == "pattern":
        return translate("Camera", "Test pattern")
    return value
