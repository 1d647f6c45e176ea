"""Names of files in the library."""

from __future__ import annotations

import unicodedata

LENGTH = 60
_SIGNS = frozenset(" -_().,'&+")
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
"""Names that are reserved on Windows."""


def safe_name(stem: str) -> str:
    """A name of letters, digits and a few signs, which every file system accepts."""
    text = unicodedata.normalize("NFC", stem)
    kept = "".join(each if each.isalnum() or each in _SIGNS else "-" for each in text)
    name = " ".join(kept.split()).strip(" .-")[:LENGTH].strip(" .-")
    if not name or name.casefold() in _DEVICES:
        return f"background {name}".strip()
    return name


def title_of(stem: str, bundled: bool) -> str:
    """The name for the user: "studio-sand" becomes "Studio sand"; others are unchanged."""
    return stem.replace("-", " ").capitalize() if bundled else stem
