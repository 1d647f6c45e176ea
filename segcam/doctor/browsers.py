"""Browsers: whether each looks for PipeWire cameras, which most do not by default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from segcam.doctor.base import Finding, Machine
from segcam.doctor.pipewire import runs

CHROMIUM = (
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware/Brave-Browser",
    ".config/microsoft-edge",
    ".config/vivaldi",
    "snap/chromium/common/chromium",
    "snap/brave/current/.config/BraveSoftware/Brave-Browser",
    ".var/app/com.google.Chrome/config/google-chrome",
    ".var/app/org.chromium.Chromium/config/chromium",
    ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
    ".var/app/com.microsoft.Edge/config/microsoft-edge",
)
"""Files of Chromium-based browsers with the user's switches, below the home folder."""
FIREFOX = (
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    "snap/firefox/common/.config/mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
)
"""Folders of Firefox's profiles, below the home folder; new ones are in config from 147 on."""
FLAG = "enable-webrtc-pipewire-camera"
PREFERENCE = "media.webrtc.camera.allow-pipewire"


def check(machine: Machine) -> Iterator[Finding]:
    """Check each browser that this user has ever started, from any source."""
    if machine.home is None or not runs(machine):
        return
    if machine.path("sys/module/v4l2loopback").is_dir():
        return  # browsers see the device without a switch
    for folder in CHROMIUM:
        state = machine.home / folder / "Local State"
        if state.is_file() and not _flag_is_set(state):
            name = state.parent.name
            yield Finding(
                "browser.chromium",
                "note",
                f"{name} does not look for PipeWire cameras",
                "It does not list SegCam",
                f"Open chrome://flags/#{FLAG} in that browser, choose Enabled and relaunch",
            )
    for folder in FIREFOX:
        for preferences in sorted(machine.home.glob(f"{folder}/*/prefs.js")):
            if _preference_is_set(preferences):
                continue
            yield Finding(
                "browser.firefox",
                "note",
                f"Firefox ({preferences.parent.name}) does not look for PipeWire cameras",
                "It does not list SegCam, unless its build uses PipeWire anyway",
                f"Open about:config in Firefox and set {PREFERENCE} to true",
            )


def _flag_is_set(state: Path) -> bool:
    with suppress(OSError, ValueError, AttributeError, TypeError):
        values = json.loads(state.read_text(encoding="utf-8"))
        experiments = values["browser"]["enabled_labs_experiments"] if "browser" in values else []
        return any(str(each).startswith(f"{FLAG}@1") for each in experiments)
    return False


def _preference_is_set(preferences: Path) -> bool:
    with suppress(OSError):
        text = preferences.read_text(encoding="utf-8", errors="replace")
        return bool(re.search(rf'user_pref\("{re.escape(PREFERENCE)}",\s*true\)', text))
    return False
