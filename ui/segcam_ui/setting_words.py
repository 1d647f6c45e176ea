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
        "camera": translate("Setting", "The webcam whose picture SegCam takes."),
        "edges": translate(
            "Setting",
            "How carefully your outline is drawn. Sharp is better at hair and hands, and costs 4 "
            "to 6 ms of processor time for each picture.",
        ),
        "model": translate("Setting", "Finds you in the picture."),
        "backend": translate("Setting", "Does the work. Automatic takes the fastest there is."),
        "mirror": translate("Setting", "Swap left and right for everybody who watches."),
        "size": translate("Setting", "Width and height of the picture, such as 1280x720, or auto."),
        "fps": translate("Setting", "Pictures for each second."),
        "output": translate(
            "Setting",
            "Where the picture goes: auto, a device, pipewire, or several with commas between "
            "them.",
        ),
        "threads": translate("Setting", "Parts of the main processor that work at the same time."),
        "isolate": translate(
            "Setting",
            "When the model crashes or hangs in a process of its own, the camera is back after two "
            "or three seconds.",
        ),
    }
