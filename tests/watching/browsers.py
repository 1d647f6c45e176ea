"""Starts browsers on a page, with permission to use cameras."""

from __future__ import annotations

import os
from pathlib import Path


def chromium(folder: Path, address: str) -> list[str]:
    """The command line of Chromium on a desktop; arguments as for `chromium_shell`."""
    return [
        *chromium_shell(folder, address, "chromium"),
        "--enable-features=WebRtcPipeWireCamera",
    ]


def chromium_shell(folder: Path, address: str, program: str) -> list[str]:
    """The command line of a Chromium that asks the kernel for cameras.

    Args:
        folder: For its profile.
        address: To open; only localhost may ask for cameras without encryption.
        program: Chromium, or its headless shell.
    """
    flags = [
        *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
        *("--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"),
        f"--user-data-dir={folder / 'profile'}",
    ]
    if os.getuid() == 0:
        flags.append("--no-sandbox")
    return [program, *flags, address]


_FIREFOX = {
    "media.webrtc.camera.allow-pipewire": "true",
    "media.navigator.permission.disabled": "true",
    "media.autoplay.default": "0",
    "layout.throttled_frame_rate": "60",  # a window without focus is drawn once a second, else
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "toolkit.telemetry.reportingpolicy.firstRun": "false",
}


def firefox(folder: Path, address: str, program: str = "firefox-esr") -> list[str]:
    """Firefox's command line; arguments as for `chromium`. It needs a display."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f'user_pref("{name}", {value});' for name, value in _FIREFOX.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n")
    return [program, "--no-remote", "--profile", str(profile), address]
