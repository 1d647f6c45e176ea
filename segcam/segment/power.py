"""Whether the machine runs on its battery. Linux; elsewhere it counts as plugged in."""

from __future__ import annotations

from pathlib import Path


def on_battery(root: Path = Path("/")) -> bool:
    """Whether a battery discharges and no supply is plugged in.

    Args:
        root: Where ``sys`` is.
    """
    supplies = sorted((root / "sys/class/power_supply").glob("*"))
    # Skip the battery of a mouse: its scope is the device, not the system.
    own = [each for each in supplies if _read(each / "scope") != "Device"]
    if any(_read(each / "online") == "1" for each in own if _read(each / "type") != "Battery"):
        return False
    return any(_read(each / "status") == "Discharging" for each in own)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
