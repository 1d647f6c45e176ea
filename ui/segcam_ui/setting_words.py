"""Texts of the settings page.

Titles, and texts that are not defined here, come from the declaration. Its help is also used by the
command line; if it mentions commands, the window has its own text.
"""

from __future__ import annotations

from segcam_ui.remote import Row
from segcam_ui.words import translate


def title(setting: Row) -> str:
    """Its name for the user."""
    return translate("Setting", str(setting["title"]))


def help_text(setting: Row) -> str:
    """What it does."""
    return window_help().get(str(setting["name"])) or translate("Setting", str(setting["help"]))


def window_help() -> dict[str, str]:
    """The window's own texts, by the setting's name."""
    return {
        "camera": translate("Setting", "The webcam that SegCam uses."),
        "edges": translate(
            "Setting",
            "How exactly your outline is drawn. Sharp is better at hair and hands, but takes 4 "
            "to 6 ms more processor time for each picture.",
        ),
        "model": translate("Setting", "Finds you in the picture."),
        "backend": translate("Setting", "Runs the model. Automatic chooses the fastest one."),
        "mirror": translate("Setting", "Swaps left and right for everybody who watches."),
        "size": translate("Setting", "Width and height of the picture, for example 1280x720."),
        "fps": translate("Setting", "Pictures per second."),
        "output": translate(
            "Setting",
            "Where the picture goes: a device such as /dev/video10, pipewire, or several, "
            "separated by commas.",
        ),
        "always_on": translate("Setting", "Keeps the webcam on, even when no program watches."),
        "linger": translate(
            "Setting",
            "Time until the webcam is switched off when no program watches any more.",
        ),
        "start_paused": translate(
            "Setting",
            "The webcam stays off after the start, whoever watches, until you press Resume.",
        ),
        "threads": translate(
            "Setting",
            "Cores of the main processor that the model may use at the same time.",
        ),
        "budget": translate(
            "Setting",
            "Processor cores that SegCam may keep busy; 0 means no limit. To stay below it, "
            "SegCam draws a simpler outline, then uses a smaller model, then halves the frame "
            "rate.",
        ),
        "isolate": translate(
            "Setting",
            "If the model crashes or hangs in a process of its own, the camera is back after "
            "two or three seconds.",
        ),
    }
